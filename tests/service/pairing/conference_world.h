// What tests of the sheets of joint conferences have in common: a bureau that imports and exports,
// files, and conferences that were made by hand.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/pairing/v1/conference_sheet.pb.h"
#include "common/api/names.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "tests/service/pairing/bureau_world.h"
#include "tests/service/pairing/record_files.h"

namespace chanyan::pairing {

class ConferenceWorld : public BureauWorld {
 protected:
  // Nine in the morning of a day in China.
  static google::protobuf::Timestamp Nine(int year, int month, int day) {
    return time::ToTimestamp(time::StartOfDay(absl::CivilDay(year, month, day)) + absl::Hours(9));
  }

  // --- Rows

  // A meeting of the books: it was held on 20 May 2024.
  static v1::ConferenceRow Past(const std::string& title = "第一次联席会议（演示）") {
    v1::ConferenceRow row;
    row.set_kind(v1::CONFERENCE_KIND_JOINT);
    row.set_title(title);
    row.set_convener_title("市科技局（演示）");
    *row.mutable_meet_time() = Nine(2024, 5, 20);
    row.set_place("市科技局会议室");
    row.set_agenda("通报工作进展情况 | 市科技局\n研究年度计划");
    row.set_attendees(
        "海洋大学（演示） | 李某 | 副校长 | 到会\n古镇口（演示） | 周某 |  | 缺席\n"
        "来宾：省科技厅 | 王某 | 处长 | 到会");
    return row;
  }
  // With minutes that were issued on 1 June 2024.
  static v1::ConferenceRow PastIssued(const std::string& title = "第一次联席会议（演示）") {
    v1::ConferenceRow row = Past(title);
    row.set_minutes("会议通报了进展。\n会议研究了计划。");
    row.set_decisions("1 | 共建产业技术研究院\n2 | 开放仪器设备");
    *row.mutable_issue_date() = Date(2024, 6, 1);
    return row;
  }

  // --- Files

  template <class Request>
  static Request FileOf(const google::api::HttpBody& file, bool dry_run) {
    Request request;
    *request.mutable_file() = file;
    request.set_file_name("表.xlsx");
    request.set_validate_only(dry_run);
    request.set_request_id(api::NewUuid());
    return request;
  }
  absl::StatusOr<v1::ImportConferencesResponse> Import(const google::api::HttpBody& file,
                                                       bool dry_run = false) {
    return cooperation_service.ImportConferences(
        Bureau("ImportConferences"), FileOf<v1::ImportConferencesRequest>(file, dry_run));
  }
  absl::StatusOr<v1::ImportFollowUpsResponse> ImportTasks(const google::api::HttpBody& file,
                                                          bool dry_run = false) {
    return cooperation_service.ImportFollowUps(Bureau("ImportFollowUps"),
                                               FileOf<v1::ImportFollowUpsRequest>(file, dry_run));
  }
  google::api::HttpBody Exported(const rpc::Call& call) {
    const auto file = cooperation_service.ExportConferences(call, {});
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
  google::api::HttpBody ExportedTasks(const rpc::Call& call) {
    const auto file = cooperation_service.ExportFollowUps(call, {});
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *file : google::api::HttpBody();
  }
  // "created updated unchanged", or what is wrong, a line each.
  template <class Response>
  static std::string Words(const absl::StatusOr<Response>& result) {
    if (result.ok()) {
      return absl::StrCat(result->created(), " ", result->updated(), " ", result->unchanged());
    }
    std::string text(result.status().message());
    for (const status::Violation& violation : status::ViolationsOf(result.status())) {
      absl::StrAppend(&text, "\n", violation.field, "|", violation.description);
    }
    return text;
  }
  // Files that are no sheet of the kind, as strangers send them.
  static std::vector<std::string> HostileFiles() {
    const auto page = [](const std::vector<std::string>& cells) {
      sheet::Writer writer({.created = absl::UnixEpoch(), .title = "表"});
      sheet::SheetWriter& sheet = writer.AddSheet("表", {});
      for (const std::string& cell : cells) {
        sheet.NewRow();
        sheet.Text(cell);
      }
      return *std::move(writer).Finish();
    };
    const std::string foreign = page({"口令", "=HYPERLINK(\"http://x\")"});
    return {"", "PK not really", "<html><script>alert(1)</script></html>",
            std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) + std::string(600, '\0'),
            std::string(100'000, '\0'), foreign.substr(0, foreign.size() / 2), foreign, page({}),
            // Some of the columns, but not those that are needed.
            page({"会议名称", "第一次联席会议（演示）"})};
  }

  // --- By hand

  v1::Conference Make(const std::string& title, absl::Duration ahead = 7 * kDay) {
    return Good(Plan(NewConference(ahead, title)));
  }
  v1::Conference Convene(const std::string& name) { return Good(BureauWorld::Convene(name)); }
  v1::Conference Hold(const std::string& name) { return Good(BureauWorld::Hold(name)); }
  // Minutes with one decision that assigns something to the zone.
  v1::Conference Write(const std::string& name) {
    v1::ConferenceDecision decision;
    decision.set_number(1);
    decision.set_text("共建产业技术研究院\n3 | 不是序号");
    v1::DecisionAssignment& assignment = *decision.add_assignments();
    assignment.set_unit(kZone);
    assignment.add_co_units(kTown);
    assignment.set_task("完成选址");
    *assignment.mutable_due_date() = Date(2025, 6, 30);
    return Good(Minute(name, "会议通报了进展，\r\n\r\n 研究了阶段性合作计划。", decision));
  }
  v1::Conference Issue(const std::string& name) { return Good(BureauWorld::Issue(name)); }
  v1::Conference Cancel(const std::string& name) {
    auto request = Named<v1::CancelConferenceRequest>(name);
    request.set_reason("并入下次会议");
    return Good(cooperation_service.CancelConference(Bureau("CancelConference"), request));
  }
  // Made, called, held and issued by hand; the clock goes on to its day.
  std::string IssuedByHand(const std::string& title) {
    const std::string name = Make(title).name();
    Convene(name);
    clock.now += absl::Hours(24 * 8);
    Hold(name);
    Write(name);
    Issue(name);
    return name;
  }
  v1::Conference Meeting(const std::string& name) {
    return Good(GetMeeting(Bureau("GetConference"), name));
  }
  v1::FollowUp Task(const std::string& name) {
    return Good(cooperation_service.GetFollowUp(Bureau("GetFollowUp"),
                                                Named<v1::GetFollowUpRequest>(name)));
  }

  template <class T>
  static T Good(const absl::StatusOr<T>& result) {
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : T();
  }
};

}  // namespace chanyan::pairing
