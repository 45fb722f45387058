// Everything that a database holds, to see that nothing was written.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "common/db/database.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {

// A checksum over all rows and columns of each table.
inline std::map<std::string, std::string> StoredTables(db::Database& db) {
  std::map<std::string, std::string> stored;
  // One query a table, over all its columns.
  for (const std::string& sql :
       testing::Texts(db,
                      "SELECT CONCAT('SELECT CONCAT(\\'', table_name, ' \\', COUNT(*), \\' \\', "
                      "COALESCE(SUM(CRC32(CONCAT_WS(\\'|\\', ', GROUP_CONCAT(CONCAT('COALESCE(`', "
                      "column_name, '`, \\'-\\')') ORDER BY ordinal_position SEPARATOR ', '), "
                      "'))), 0)) FROM `', table_name, '`') FROM information_schema.columns "
                      "WHERE table_schema = DATABASE() GROUP BY table_name")) {
    const std::vector<std::string> sum = testing::Texts(db, sql);
    EXPECT_THAT(sum, ::testing::SizeIs(1)) << sql;
    if (!sum.empty()) stored[sql] = sum[0];
  }
  EXPECT_GT(stored.size(), 15u);
  return stored;
}

}  // namespace chanyan::cycle
