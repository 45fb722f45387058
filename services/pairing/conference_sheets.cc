// Joint conferences from a sheet and as a sheet (PAIR-8, REG-10).
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/pairing/conference_lines.h"
#include "services/pairing/conference_rows.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/cooperation_sheets.h"

namespace chanyan::pairing {
namespace {

// What rows mean of what is stored.
class StoredConferences {
 public:
  explicit StoredConferences(const std::vector<v1::Conference>& rows) {
    for (const v1::Conference& row : rows) {
      by_name_[row.name()] = &row;
      by_key_[KeyOf(row)].push_back(&row);
    }
  }

  // Null if the row is a new one, or if it is not clear what it means, which is a violation.
  const v1::Conference* Find(const v1::ConferenceRow& row, const std::string& key,
                             Violations* wrong) const {
    if (!row.conference_number().empty()) {
      const auto named = by_name_.find(absl::StrCat("conferences/", row.conference_number()));
      if (named != by_name_.end()) return named->second;
      wrong->push_back({"conference_number", absl::StrCat("没有编号为“", row.conference_number(),
                                                          "”的会议；新增的会议请留空")});
      return nullptr;
    }
    const std::vector<const v1::Conference*> meant = Meant(key);
    if (meant.size() == 1) return meant.front();
    if (meant.size() > 1) {
      wrong->push_back(
          {"title", absl::StrCat("当日有 ", meant.size(), " 次同类同名的会议，请填写会议编号")});
      return nullptr;
    }
    const auto moved = by_name_.find(NameOfConference(key));
    if (moved == by_name_.end()) return nullptr;
    const v1::Conference& now = *moved->second;
    wrong->push_back(
        {"meet_time", absl::StrCat("按此日期导入的会议现为“", now.title(), "”，改在",
                                   time::FormatDateZh(time::DayOf(time::ToTime(now.meet_time()))),
                                   "召开；要更改该会议请填写会议编号，另一次会议请换一个名称")});
    return nullptr;
  }

 private:
  // Those of a key; cancelled ones only where there is no other.
  std::vector<const v1::Conference*> Meant(const std::string& key) const {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return {};
    std::vector<const v1::Conference*> living;
    for (const v1::Conference* one : found->second) {
      if (one->state() != v1::CONFERENCE_STATE_CANCELLED) living.push_back(one);
    }
    return living.empty() ? found->second : living;
  }

  absl::flat_hash_map<std::string, const v1::Conference*> by_name_;
  absl::flat_hash_map<std::string, std::vector<const v1::Conference*>> by_key_;
};

// Numbers of agreements and their names.
struct AgreementNumbers {
  absl::flat_hash_map<std::string, std::string> number_of;
  absl::flat_hash_map<std::string, std::string> name_of;

  explicit AgreementNumbers(const std::vector<v1::FrameAgreement>& agreements) {
    for (const v1::FrameAgreement& row : agreements) {
      number_of[row.name()] = row.number();
      name_of[row.number()] = row.name();
    }
  }
  std::string NumberOf(const std::string& name) const {
    const auto found = number_of.find(name);
    return found == number_of.end() ? "" : found->second;
  }
};

// What a row says, with the names of what it calls by title or number.
class Reader {
 public:
  Reader(const Organizations& known, const AgreementNumbers& agreements)
      : known_(known), agreements_(agreements) {}

  // Titles and lists that are as in `before`, null for none, are kept with the names they had.
  v1::Conference Read(const v1::ConferenceRow& row, const v1::Conference* before,
                      Violations* wrong) const {
    const v1::Conference& had = before == nullptr ? v1::Conference::default_instance() : *before;
    v1::Conference said;
    said.set_kind(row.kind());
    said.set_title(row.title());
    *said.mutable_meet_time() = row.meet_time();
    said.set_place(row.place());
    said.set_convener_title(row.convener_title());
    said.set_convener(row.convener_title() == had.convener_title()
                          ? had.convener()
                          : ResolveOne(known_, row.convener_title(), "convener_title", wrong));
    if (!row.agreement_number().empty()) {
      const auto named = agreements_.name_of.find(row.agreement_number());
      if (named == agreements_.name_of.end()) {
        wrong->push_back(
            {"agreement_number", absl::StrCat("没有编号为“", row.agreement_number(),
                                              "”的合作协议，请先导入该协议或核对编号")});
      } else {
        said.set_agreement(named->second);
      }
    }
    TakeList(row.agenda(), had.agenda(), said.mutable_agenda());
    if (TakeList(row.attendees(), had.attendees(), said.mutable_attendees())) {
      ResolveAttendees(said.mutable_attendees(), wrong);
    }
    said.set_minutes(row.minutes());
    TakeList(row.decisions(), had.decisions(), said.mutable_decisions());
    said.set_state(row.state());
    if (row.has_issue_date()) *said.mutable_issue_date() = row.issue_date();
    return said;
  }

 private:
  using Attendees = google::protobuf::RepeatedPtrField<v1::ConferenceAttendee>;

  // False if the cell says what is there.
  template <class List>
  static bool TakeList(const std::string& cell, const List& had, List* list) {
    *list = had;
    if (SameText(cell, LinesOf(had))) return false;
    TakeLines(cell, list);
    return true;
  }

  void ResolveAttendees(Attendees* attendees, Violations* wrong) const {
    for (int i = 0; i < attendees->size(); ++i) {
      v1::ConferenceAttendee& attendee = *attendees->Mutable(i);
      if (attendee.organization().empty()) continue;
      const auto* organization = known_.ByTitle(attendee.organization_title());
      if (organization != nullptr) {
        attendee.set_organization(organization->name());
        continue;
      }
      wrong->push_back({absl::StrCat("attendees[", i, "]"),
                        absl::StrCat("第 ", i + 1, " 人：“", attendee.organization_title(),
                                     "”不在单位名录中，请核对名称；名录以外的来宾请写为“来宾：",
                                     attendee.organization_title(), "”")});
    }
  }

  const Organizations& known_;
  const AgreementNumbers& agreements_;
};

}  // namespace

absl::StatusOr<v1::ImportConferencesResponse> CooperationService::ImportConferences(
    const rpc::Call& call, const v1::ImportConferencesRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    const auto& row = static_cast<const v1::ConferenceRow&>(message);
    Violations violations = api::Violations(row);
    Append(ListViolations(row), &violations);
    return violations;
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::ConferenceRow> data,
      rpc::ReadUpload<v1::ConferenceRow>(request.file(), request.file_name(), options));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));
  return rpc::Mutate<v1::ImportConferencesResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportConferencesResponse> {
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::FrameAgreement> agreements,
            agreements_.Select(change.session(), auth::Readable<v1::FrameAgreement>(call.principal),
                               "name"));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Conference> rows,
            conferences_.Select(change.session(), auth::Writable<v1::Conference>(call.principal),
                                db::kByNameLocked));
        const StoredConferences stored(rows);
        const AgreementNumbers numbers(agreements);
        const Reader reader(known, numbers);
        const HasColumn has = [&](absl::string_view column) {
          return data.places.HasColumn(column);
        };
        Violations violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        rpc::ImportPlan<v1::Conference> plan;
        for (const auto& [row, number] : data.rows) {
          Violations wrong;
          const std::string key = KeyOf(row);
          const v1::Conference* before = stored.Find(row, key, &wrong);
          const bool found = wrong.empty();
          const v1::Conference said = reader.Read(row, before, &wrong);
          // What nobody can tell cannot be compared with what is there.
          if (found) {
            v1::Conference merged = MergeConference(before, said, has, change.now(), &wrong);
            merged.set_name(before == nullptr ? NameOfConference(key) : before->name());
            Append(api::Violations(merged, api::Direction::kStored), &wrong);
            NoteTwice(&seen, merged.name(), number, "title", &wrong);
            if (wrong.empty()) plan.Add(before, std::move(merged));
          }
          rpc::AddPlaced(OfColumns(std::move(wrong)), number, data.places, &violations);
        }
        return rpc::Settle<v1::ImportConferencesResponse>(
            change, conferences_, std::move(violations), request.validate_only(), &plan);
      });
}

absl::StatusOr<google::api::HttpBody> CooperationService::ExportConferences(
    const rpc::Call& call, const v1::ExportConferencesRequest& request) {
  std::vector<v1::FrameAgreement> agreements;
  std::vector<v1::Conference> conferences;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 conferences_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            agreements, agreements_.Select(
                            session, auth::Readable<v1::FrameAgreement>(call.principal), "name"));
        CHANYAN_ASSIGN_OR_RETURN(
            conferences,
            conferences_.Select(session,
                                db::And(auth::Readable<v1::Conference>(call.principal), wanted),
                                "meet_time DESC, name"));
        return absl::OkStatus();
      }));
  const AgreementNumbers numbers(agreements);
  std::vector<v1::ConferenceRow> rows;
  for (v1::Conference& conference : conferences) {
    const v1::Conference shown = Present(call, std::move(conference));
    rows.push_back(RowOf(shown, numbers.NumberOf(shown.agreement())));
  }
  return rpc::ExportSheet<v1::ConferenceRow>("联席会议台账", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::pairing
