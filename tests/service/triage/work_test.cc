// Triage's imports as operations: the same handlers, begun and done later.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/service/triage/working.h"

namespace chanyan::triage {
namespace {

using operation::v1::Operation;
using options::v1::ROLE_ENTERPRISE;
using options::v1::ROLE_SERVICE_TEAM;

class TriageWorkTest : public WorkingTest {
 protected:
  static v1::ImportResultsRequest ResultsOf(const std::vector<v1::Result>& rows) {
    v1::ImportResultsRequest request;
    *request.mutable_file() = testing::Upload<v1::Result>(rows);
    request.set_file_name("成果.xlsx");
    request.set_request_id(api::NewUuid());
    return request;
  }
  static v1::Result Row(const std::string& title, const std::string& university = "中国海洋大学") {
    v1::Result row = Draft(title);
    row.clear_maturity();
    row.set_university_title(university);
    return row;
  }
};

TEST_F(TriageWorkTest, ASheetWithWrongRowsSaysAllAndImportsNothing) {
  std::vector<v1::Result> rows;
  for (int i = 0; i < 120; ++i) {
    rows.push_back(Row(absl::StrCat("成果", i), absl::StrCat("没有的大学", i)));
  }
  const Operation failed =
      Done("BeginImportResults", ROLE_SERVICE_TEAM, kMarineAgency, ResultsOf(rows));
  EXPECT_EQ(failed.state(), operation::v1::OPERATION_STATE_FAILED);
  EXPECT_GE(failed.error().violations_size(), 120);
  EXPECT_EQ(Count("result"), 0);
}

TEST_F(TriageWorkTest, ImportsAsTheCallsDoAndTheSameSheetOnce) {
  for (int i = 0; i < 2; ++i) {
    const Operation done = Done("BeginImportResults", ROLE_SERVICE_TEAM, kMarineAgency,
                                ResultsOf({Row("膜一"), Row("膜二")}));
    EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
    EXPECT_EQ(Count("result WHERE holder = 'organizations/qd-agency-3'"), 2);
  }
  v1::ImportDemandsRequest request;
  *request.mutable_file() = testing::Upload<v1::Demand>({DemandDraft("防腐涂层")});
  request.set_file_name("需求.xlsx");
  request.set_request_id(api::NewUuid());
  const Operation done = Done("BeginImportDemands", ROLE_ENTERPRISE, kE1, request);
  EXPECT_EQ(done.state(), operation::v1::OPERATION_STATE_DONE) << done.error().message();
  EXPECT_EQ(Count("demand WHERE enterprise = 'organizations/e1'"), 1);
}

}  // namespace
}  // namespace chanyan::triage
