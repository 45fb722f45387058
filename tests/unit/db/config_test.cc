#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/db/database.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> FieldsRefused(absl::string_view url) {
  std::vector<std::string> fields;
  for (const auto& violation : status::ViolationsOf(Config::FromUrl(url).status())) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(ConfigTest, UnknownKeysAreRefusedWithEverythingElseThatIsWrong) {
  EXPECT_THAT(
      FieldsRefused("mysql://@:0/?sslEnforce=true&OPT_RECONNECT=true&pool=0&ca="),
      ElementsAre("user", "port", "host", "schema", "sslEnforce", "OPT_RECONNECT", "pool", "ca"));
}

TEST(ConfigTest, WhatIsNoUrlOfOursIsRefused) {
  EXPECT_THAT(FieldsRefused("postgres://a@b/c"), ElementsAre("url"));
  EXPECT_THAT(FieldsRefused("mysql://host/schema"), ElementsAre("user"));
  EXPECT_THAT(FieldsRefused("mysql://user@host"), ElementsAre("schema"));
  EXPECT_THAT(FieldsRefused("mysql://user@host/a%60b"), ElementsAre("schema"));
  EXPECT_THAT(FieldsRefused("mysql://user@host:70000/s"), ElementsAre("port"));
  EXPECT_THAT(FieldsRefused("mysql://user@host/s?socket=%2"), ElementsAre("socket"));
  EXPECT_THAT(FieldsRefused("mysql://user@host/s?read-timeout=5"), ElementsAre("read-timeout"));
}

TEST(ConfigTest, APasswordInTheUrlIsRefused) {
  const auto config = Config::FromUrl("mysql://user:secret@host/s");
  EXPECT_THAT(FieldsRefused("mysql://user:secret@host/s"), ElementsAre("user"));
  EXPECT_FALSE(absl::StrContains(config.status().message(), "secret"));
}

TEST(ConfigTest, APasswordFileThatIsNotThereIsRefused) {
  EXPECT_THAT(FieldsRefused("mysql://user@host/s?password-file=/nowhere"),
              ElementsAre("password-file"));
}

TEST(ConfigTest, EveryPartIsRead) {
  const std::string file = absl::StrCat(::testing::TempDir(), "/config_test_password_", getpid());
  std::ofstream(file) << "p@ss word\n";
  const auto config = Config::FromUrl(
      absl::StrCat("mysql://u%40x@db.example:3307/reg?ca=/etc/ca.pem&pool=4&read-timeout=3s&"
                   "connect-timeout=1s&acquire-timeout=1500ms&password-file=",
                   file));
  std::remove(file.c_str());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->user, "u@x");
  EXPECT_EQ(config->host, "db.example");
  EXPECT_EQ(config->port, 3307);
  EXPECT_EQ(config->schema, "reg");
  EXPECT_EQ(config->ca_file, "/etc/ca.pem");
  EXPECT_EQ(config->password, "p@ss word");
  EXPECT_EQ(config->pool_size, 4);
  EXPECT_EQ(config->read_timeout, absl::Seconds(3));
  EXPECT_EQ(config->connect_timeout, absl::Seconds(1));
  EXPECT_EQ(config->acquire_timeout, absl::Milliseconds(1500));
}

}  // namespace
}  // namespace chanyan::db
