// An export reads no more than it may, and says how to ask for less (CON-7, CON-8, CON-9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "services/consortium/export_service.h"
#include "tests/service/consortium/world.h"

namespace chanyan::consortium {
namespace {

using options::v1::ERROR_REASON_FILE_TOO_LARGE;
using ::testing::HasSubstr;

class ExportLimitsTest : public ::testing::Test, public World {
 public:
  ExportLimitsTest() : exports(deps(), {.dossiers = 1, .records = 1}) {}

  template <class Request>
  static Request Filtered(const std::string& filter) {
    Request request;
    request.set_filter(filter);
    return request;
  }
  absl::StatusOr<google::api::HttpBody> Dossiers(const std::string& filter) {
    return exports.ExportConsortia(By(kBureau, "ConsortiumExportService.ExportConsortia"),
                                   Filtered<v1::ExportConsortiaRequest>(filter));
  }
  absl::StatusOr<google::api::HttpBody> Members(const std::string& filter) {
    return exports.ExportConsortiumMembers(
        By(kBureau, "ConsortiumExportService.ExportConsortiumMembers"),
        Filtered<v1::ExportConsortiumMembersRequest>(filter));
  }
  absl::StatusOr<google::api::HttpBody> Bars(const std::string& filter) {
    return exports.ExportBars(By(kBureau, "ConsortiumExportService.ExportBars"),
                              Filtered<v1::ExportBarsRequest>(filter));
  }

  ExportService exports;
};

TEST_F(ExportLimitsTest, OneTooManyIsRefusedWithAFilterThatHelps) {
  const std::string filed = Filed("联合体").name();
  EXPECT_TRUE(Dossiers("").ok()) << "as many as there may be";
  ASSERT_TRUE(Submit(Ready("另一联合体").name()).ok());
  for (const auto& export_of : {&ExportLimitsTest::Dossiers, &ExportLimitsTest::Members}) {
    const auto refused = (this->*export_of)("");
    EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_FILE_TOO_LARGE) << refused.status();
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("超过1条"));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("state = FILED"));
    EXPECT_TRUE((this->*export_of)("state = FILED").ok());
    EXPECT_TRUE((this->*export_of)("submit_time >= 2025-01-01T00:00:00Z AND state = FILED").ok());
  }
}

TEST_F(ExportLimitsTest, RecordsHaveTheirOwnLimit) {
  ASSERT_TRUE(RemoveLead(Filed("联合体").name()).ok());
  EXPECT_TRUE(Bars("").ok());
  ASSERT_TRUE(RemoveLead(Filed("另一联合体", kBeta).name()).ok());
  const auto refused = Bars("");
  EXPECT_EQ(status::ReasonOf(refused.status()), ERROR_REASON_FILE_TOO_LARGE);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("state = IN_FORCE"));
  EXPECT_EQ(status::ReasonOf(Bars("state = IN_FORCE").status()), ERROR_REASON_FILE_TOO_LARGE);
  EXPECT_TRUE(Bars("organization = \"organizations/beta\"").ok());
}

}  // namespace
}  // namespace chanyan::consortium
