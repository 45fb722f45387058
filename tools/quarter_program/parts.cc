// The leg between a university and one of its platforms (S0 二, first and fourth week): handed out,
// filled in and handed in by the platform's manager, put together, and sent on when it comes back.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// The rows of the platform that the file begins with.
absl::StatusOr<std::vector<cycle::v1::Row>> FirstPlatformOf(const std::string& bytes,
                                                            const std::string& file) {
  CHANYAN_ASSIGN_OR_RETURN(const sheet::Workbook book, sheet::ReadWorkbook(bytes, file));
  const sheet::TableData<cycle::v1::Row> data =
      sheet::ReadTable<cycle::v1::Row>(book, *book.FirstVisible());
  std::vector<cycle::v1::Row> rows;
  for (const auto& [row, number] : data.rows) {
    if (rows.empty() || row.platform_title() == rows.front().platform_title()) rows.push_back(row);
  }
  if (rows.empty()) return status::InvalidField(file, "报表没有内容");
  return rows;
}

absl::StatusOr<std::string> SheetOf(const std::vector<cycle::v1::Row>& rows, absl::Time created) {
  sheet::Writer writer({.created = created, .title = "平台填报部分"});
  sheet::WriteTable(writer, "季度报表", cycle::v1::Row::descriptor(), rows, {});
  return std::move(writer).Finish();
}

}  // namespace

std::vector<WantedAccount> ManagersOfParts(const Plan& plan) {
  for (const FormPlan& form : plan.forms) {
    if (form.reporting != Reporting::kOnTime) continue;
    return {{absl::StrCat(plan.LoginOf(form.university, "ROLE_RESEARCH_OFFICE"), "-platform"),
             form.university, "ROLE_PLATFORM_MANAGER", "科创平台管理单位（演示账号）"}};
  }
  return {};
}

absl::StatusOr<cycle::v1::PlatformPart> Walk::FindPart(const std::string& university) {
  cycle::v1::ListPartsResponse page;
  CHANYAN_RETURN_IF_ERROR(
      University(university)
          .Get(absl::StrCat("/v1/", name_, "/forms/", university, "/parts"), {}, &page));
  return page.parts().empty() ? cycle::v1::PlatformPart() : page.parts(0);
}

absl::Status Walk::ReportAPart() {
  const std::vector<WantedAccount> managers = ManagersOfParts(plan_);
  if (managers.empty()) return absl::OkStatus();
  const std::string& university = managers.front().organization;
  if (!HasForm(university)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  if (form.state() != cycle::v1::FORM_STATE_DRAFT) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::PlatformPart begun, FindPart(university));
  if (begun.name().empty()) {
    // A form that will be refused is not filled in in parts.
    const absl::Status good = TryForm(*plan_.FormOf(university), kForms, "part");
    if (!good.ok()) return IsAboutFile(good) ? absl::OkStatus() : good;
  }
  const std::string file = FormFile(kForms, university);
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::Row> rows, FirstPlatformOf(bytes, file));
  const std::string& title = rows.front().platform_title();
  registry::v1::ListPlatformsResponse platforms;
  CHANYAN_RETURN_IF_ERROR(
      University(university)
          .Get(absl::StrCat("/v1/organizations/", university, "/platforms"),
               {{"filter", absl::StrCat("state = PUBLISHED AND display_name = \"", title, "\"")}},
               &platforms));
  if (platforms.platforms_size() != 1) {
    return status::InvalidField(file, absl::StrCat("“", title, "”不是已发布的科创平台"));
  }
  cycle::v1::IssuePartsRequest issue;
  issue.set_parent(form.name());
  issue.add_platforms(platforms.platforms(0).name());
  CHANYAN_RETURN_IF_ERROR(
      University(university)
          .Post(absl::StrCat("/v1/", form.name(), "/parts:issue"), {}, issue, "issue", nullptr));
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::PlatformPart part, FindPart(university));
  const std::string path = absl::StrCat("/v1/", part.name());
  Caller manager = accounts_.As(managers.front().login);
  if (part.state() == cycle::v1::PART_STATE_DRAFT) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string sheet,
                             SheetOf(rows, time::ToTime(cycle_.open_time())));
    cycle::v1::ImportFormResponse imported;
    CHANYAN_RETURN_IF_ERROR(manager.Upload(path + ":import", {{"file_name", "part.xlsx"}}, sheet,
                                           kXlsxType, "part", &imported));
    cycle::v1::SubmitPartRequest submit;
    submit.set_name(part.name());
    CHANYAN_RETURN_IF_ERROR(manager.Post(path + ":submit", {}, submit, "submit", nullptr));
  }
  if (part.state() == cycle::v1::PART_STATE_ACCEPTED) return absl::OkStatus();
  cycle::v1::AcceptPartRequest accept;
  accept.set_name(part.name());
  CHANYAN_RETURN_IF_ERROR(
      University(university).Post(path + ":accept", {}, accept, "accept", nullptr));
  Say(absl::StrCat("科创平台“", title, "”填报 ", rows.size(), " 行，学校已汇总"));
  return absl::OkStatus();
}

absl::Status Walk::DeliverAPart() {
  const std::vector<WantedAccount> managers = ManagersOfParts(plan_);
  if (managers.empty()) return absl::OkStatus();
  const std::string& university = managers.front().organization;
  if (!HasForm(university)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  if (form.state() != cycle::v1::FORM_STATE_ACCEPTED) return absl::OkStatus();
  cycle::v1::DeliverToPlatformsRequest deliver;
  deliver.set_parent(absl::StrCat(name_, "/forms/", university));
  cycle::v1::DeliverToPlatformsResponse sent;
  CHANYAN_RETURN_IF_ERROR(University(university)
                              .Post(absl::StrCat("/v1/", deliver.parent(), "/parts:deliver"), {},
                                    deliver, "deliver", &sent));
  Say(absl::StrCat("发至科创平台 ", sent.platform_count(), " 个，", sent.row_count(), " 行"));
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::PlatformPart part, FindPart(university));
  if (!part.has_deliver_time() || part.has_receive_time()) return absl::OkStatus();
  cycle::v1::ReceivePartRequest receive;
  receive.set_name(part.name());
  return accounts_.As(managers.front().login)
      .Post(absl::StrCat("/v1/", part.name(), ":receive"), {}, receive, "receive", nullptr);
}

}  // namespace chanyan::quarter
