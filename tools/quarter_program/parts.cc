// The leg between a university and one of its platforms (S0 二, first and fourth week): handed out,
// filled in and handed in by the platform's manager or taken back, put together, and sent on when
// it comes back.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/sheet/table.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

constexpr char kReclaimed[] = "平台负责人外出，由学校代为填报（演示）";

// The rows of the `number`-th platform of a file, from 1; none if it has fewer.
absl::StatusOr<std::vector<cycle::v1::Row>> RowsOfPlatform(int number, const std::string& bytes,
                                                           const std::string& file) {
  CHANYAN_ASSIGN_OR_RETURN(const sheet::Workbook book, sheet::ReadWorkbook(bytes, file));
  const sheet::TableData<cycle::v1::Row> data =
      sheet::ReadTable<cycle::v1::Row>(book, *book.FirstVisible());
  std::vector<std::string> platforms;
  std::vector<cycle::v1::Row> rows;
  for (const auto& [row, line] : data.rows) {
    auto place = std::find(platforms.begin(), platforms.end(), row.platform_title());
    if (place == platforms.end()) place = platforms.insert(place, row.platform_title());
    if (place - platforms.begin() == number - 1) rows.push_back(row);
  }
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

absl::StatusOr<std::vector<cycle::v1::PlatformPart>> Walk::PartsOf(const std::string& university) {
  std::vector<cycle::v1::PlatformPart> parts;
  CHANYAN_RETURN_IF_ERROR(University(university)
                              .List<cycle::v1::ListPartsResponse>(
                                  absl::StrCat("/v1/", name_, "/forms/", university, "/parts"), {},
                                  [&](const cycle::v1::ListPartsResponse& page) {
                                    parts.insert(parts.end(), page.parts().begin(),
                                                 page.parts().end());
                                  }));
  return parts;
}

absl::StatusOr<cycle::v1::PlatformPart> Walk::IssuePart(const cycle::v1::Form& form,
                                                        const std::string& title) {
  const std::string university(api::IdOfName(form.name()));
  registry::v1::ListPlatformsResponse platforms;
  CHANYAN_RETURN_IF_ERROR(
      University(university)
          .Get(absl::StrCat("/v1/organizations/", university, "/platforms"),
               {{"filter", absl::StrCat("state = PUBLISHED AND display_name = \"", title, "\"")}},
               &platforms));
  if (platforms.platforms_size() != 1) {
    return status::InvalidField(FormFile(kForms, university),
                                absl::StrCat("“", title, "”不是已发布的科创平台"));
  }
  const std::string& platform = platforms.platforms(0).name();
  cycle::v1::IssuePartsRequest issue;
  issue.set_parent(form.name());
  issue.add_platforms(platform);
  CHANYAN_RETURN_IF_ERROR(University(university)
                              .Post(absl::StrCat("/v1/", form.name(), "/parts:issue"), {}, issue,
                                    absl::StrCat("issue ", platform), nullptr));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::PlatformPart> parts, PartsOf(university));
  for (const cycle::v1::PlatformPart& part : parts) {
    if (part.platform() == platform) return part;
  }
  return status::NotFound(absl::StrCat(form.name(), " 中“", title, "”的部分"));
}

absl::Status Walk::ReportAPart() {
  const std::vector<WantedAccount> managers = ManagersOfParts(plan_);
  if (managers.empty()) return absl::OkStatus();
  const std::string& university = managers.front().organization;
  if (!HasForm(university)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  if (form.state() != cycle::v1::FORM_STATE_DRAFT) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::PlatformPart> begun, PartsOf(university));
  if (begun.empty()) {
    // A form that will be refused is not filled in in parts.
    const absl::Status good = TryForm(*plan_.FormOf(university), kForms, "part");
    if (!good.ok()) return IsAboutFile(good) ? absl::OkStatus() : good;
  }
  const std::string file = FormFile(kForms, university);
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::Row> rows, RowsOfPlatform(1, bytes, file));
  if (rows.empty()) return status::InvalidField(file, "报表没有内容");
  const std::string& title = rows.front().platform_title();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::PlatformPart part, IssuePart(form, title));
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

absl::Status Walk::ReclaimAPart() {
  const std::vector<WantedAccount> managers = ManagersOfParts(plan_);
  if (managers.empty()) return absl::OkStatus();
  const std::string& university = managers.front().organization;
  if (!HasForm(university)) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::Form form, GetForm(university));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::PlatformPart> begun, PartsOf(university));
  // Where the first could not be filled in, neither is this one.
  if (form.state() != cycle::v1::FORM_STATE_DRAFT || begun.empty()) return absl::OkStatus();
  const std::string file = FormFile(kForms, university);
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(file));
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::Row> rows, RowsOfPlatform(2, bytes, file));
  if (rows.empty()) return absl::OkStatus();
  const std::string& title = rows.front().platform_title();
  CHANYAN_ASSIGN_OR_RETURN(const cycle::v1::PlatformPart part, IssuePart(form, title));
  // Taken back before, by a walk that was cut short.
  if (part.state() != cycle::v1::PART_STATE_DRAFT) return absl::OkStatus();
  cycle::v1::ReclaimPartRequest reclaim;
  reclaim.set_name(part.name());
  reclaim.set_reason(kReclaimed);
  CHANYAN_RETURN_IF_ERROR(
      University(university)
          .Post(absl::StrCat("/v1/", part.name(), ":reclaim"), {}, reclaim, "reclaim", nullptr));
  Say(absl::StrCat("学校收回“", title, "”的填报部分自填：", kReclaimed));
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
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<cycle::v1::PlatformPart> parts, PartsOf(university));
  for (const cycle::v1::PlatformPart& part : parts) {
    // The university filled the other one in itself.
    if (part.state() != cycle::v1::PART_STATE_ACCEPTED) continue;
    if (!part.has_deliver_time() || part.has_receive_time()) continue;
    cycle::v1::ReceivePartRequest receive;
    receive.set_name(part.name());
    CHANYAN_RETURN_IF_ERROR(
        accounts_.As(managers.front().login)
            .Post(absl::StrCat("/v1/", part.name(), ":receive"), {}, receive, "receive", nullptr));
  }
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
