// Agreements and bases from a sheet and as a sheet (PAIR-8, REG-10).
#include "services/pairing/cooperation_sheets.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/api/validate.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/cooperation_service.h"

namespace chanyan::pairing {

using google::protobuf::RepeatedPtrField;
using google::protobuf::util::MessageDifferencer;

void Resolve(const Organizations& known, const RepeatedPtrField<std::string>& titles,
             absl::string_view field, RepeatedPtrField<std::string>* names, Violations* out) {
  names->Clear();
  for (const std::string& title : titles) {
    const registry::v1::Organization* organization = known.ByTitle(title);
    if (organization == nullptr) {
      out->push_back({std::string(field),
                      absl::StrCat("“", title, "”不在单位名录中，请先导入该单位或核对名称")});
    } else {
      *names->Add() = organization->name();
    }
  }
}

std::string ResolveOne(const Organizations& known, const std::string& title,
                       absl::string_view field, Violations* out) {
  if (title.empty()) return "";
  const registry::v1::Organization* organization = known.ByTitle(title);
  if (organization != nullptr) return organization->name();
  out->push_back({std::string(field), absl::StrCat("“", title, "”不在单位名录中，请核对名称")});
  return "";
}

Violations OfColumns(Violations violations) {
  static constexpr std::pair<absl::string_view, absl::string_view> kColumns[] = {
      {"universities", "university_titles"},
      {"city_parties", "city_party_titles"},
      {"partners", "partner_titles"},
      {"lead", "lead_title"},
      {"agreement", "agreement_number"},
      {"convener", "convener_title"},
      {"unit", "unit_title"},
      {"co_units", "co_unit_titles"},
      {"reports", "progress"}};
  for (status::Violation& violation : violations) {
    for (const auto& [field, column] : kColumns) {
      absl::string_view rest = violation.field;
      if (!absl::ConsumePrefix(&rest, field) || (!rest.empty() && rest[0] != '[')) continue;
      violation.field = std::string(column);
      break;
    }
  }
  return violations;
}

void Append(Violations&& more, Violations* to) {
  for (status::Violation& violation : more) to->push_back(std::move(violation));
}

void TakeDay(absl::string_view field, const google::type::Date& day, bool known,
             google::type::Date* stored, Violations* out) {
  if (known && !MessageDifferencer::Equals(*stored, day)) {
    out->push_back({std::string(field), "该日期已登记，不能用导入更改"});
    return;
  }
  *stored = day;
}

void NoteTwice(absl::flat_hash_map<std::string, uint32_t>* seen, const std::string& key,
               uint32_t number, absl::string_view field, Violations* out) {
  const auto [first, fresh] = seen->try_emplace(key, number);
  if (!fresh) {
    out->push_back(
        {std::string(field), absl::StrCat("与第 ", first->second, " 行重复，请只保留一行")});
  }
}

namespace {

void ResolveUniversities(const Organizations& known, const RepeatedPtrField<std::string>& titles,
                         RepeatedPtrField<std::string>* names, Violations* out) {
  Resolve(known, titles, "university_titles", names, out);
  if (titles.empty()) {
    out->push_back({"university_titles", "“高校、科研院所名称”必须填写"});
  }
  for (const std::string& name : *names) {
    std::string problem = UniversityProblem(*known.ByName(name));
    if (!problem.empty()) out->push_back({"university_titles", std::move(problem)});
  }
}

// The stored row as the sheet changes it; `row` has its organizations resolved.
v1::FrameAgreement MergeAgreement(const v1::FrameAgreement* stored, const v1::FrameAgreement& row,
                                  const sheet::TablePlaces& places, absl::CivilDay today,
                                  Violations* out) {
  v1::FrameAgreement merged = stored == nullptr ? v1::FrameAgreement() : *stored;
  if (stored == nullptr) merged.set_state(v1::FRAME_AGREEMENT_STATE_DRAFT);
  merged.set_number(row.number());
  rpc::CopyColumns(rpc::CopiedColumns(places, v1::FrameAgreement::descriptor(),
                                      {"number", "university_titles", "city_party_titles",
                                       "lead_title", "sign_date", "state"}),
                   row, &merged);
  *merged.mutable_universities() = row.universities();
  *merged.mutable_university_titles() = row.university_titles();
  if (places.HasColumn("city_party_titles")) {
    *merged.mutable_city_parties() = row.city_parties();
    *merged.mutable_city_party_titles() = row.city_party_titles();
  }
  if (places.HasColumn("lead_title")) {
    merged.set_lead(row.lead());
    merged.set_lead_title(row.lead_title());
  }
  if (stored != nullptr && !MessageDifferencer::Equals(*stored, merged)) {
    const v1::FrameAgreementState state = stored->state();
    if (state == v1::FRAME_AGREEMENT_STATE_TERMINATED ||
        state == v1::FRAME_AGREEMENT_STATE_DISCARDED) {
      out->push_back({"number", absl::StrCat("该协议当前状态为“", policy::LabelOf(state),
                                             "”，不能修改；请从表中删除该行")});
    } else {
      Append(OfColumns(AgreementChangeViolations(*stored, merged)), out);
    }
  }
  if (row.has_sign_date()) {
    const auto signed_on = time::ToCivilDay(row.sign_date());
    if (signed_on.ok() && *signed_on > today) {
      out->push_back({"sign_date", "签署日期不能晚于今天"});
    }
    const bool known = merged.has_sign_date();
    TakeDay("sign_date", row.sign_date(), known, merged.mutable_sign_date(), out);
    if (merged.state() == v1::FRAME_AGREEMENT_STATE_DRAFT) {
      merged.set_state(v1::FRAME_AGREEMENT_STATE_IN_FORCE);
    }
  }
  SetExpireTime(&merged);
  return merged;
}

v1::CoBuiltBaseState StateOfDays(const v1::CoBuiltBase& base) {
  return base.has_close_date()   ? v1::CO_BUILT_BASE_STATE_CLOSED
         : base.has_open_date()  ? v1::CO_BUILT_BASE_STATE_OPERATING
         : base.has_start_date() ? v1::CO_BUILT_BASE_STATE_BUILDING
                                 : v1::CO_BUILT_BASE_STATE_PLANNED;
}

v1::CoBuiltBase MergeBase(const v1::CoBuiltBase* stored, const v1::CoBuiltBase& row,
                          const sheet::TablePlaces& places, absl::CivilDay today, Violations* out) {
  v1::CoBuiltBase merged = stored == nullptr ? v1::CoBuiltBase() : *stored;
  merged.set_title(row.title());
  *merged.mutable_universities() = row.universities();
  *merged.mutable_university_titles() = row.university_titles();
  rpc::CopyColumns(rpc::CopiedColumns(places, v1::CoBuiltBase::descriptor(),
                                      {"title", "university_titles", "partner_titles", "state",
                                       "start_date", "open_date", "close_date", "close_reason"}),
                   row, &merged);
  if (places.HasColumn("partner_titles")) {
    *merged.mutable_partners() = row.partners();
    *merged.mutable_partner_titles() = row.partner_titles();
  }
  if (row.has_start_date()) {
    const bool known = merged.has_start_date();
    TakeDay("start_date", row.start_date(), known, merged.mutable_start_date(), out);
  }
  if (row.has_open_date()) {
    const bool known = merged.has_open_date();
    TakeDay("open_date", row.open_date(), known, merged.mutable_open_date(), out);
  }
  if (row.has_close_date()) {
    const bool known = merged.has_close_date();
    TakeDay("close_date", row.close_date(), known, merged.mutable_close_date(), out);
    if (row.close_reason().empty()) {
      out->push_back({"close_reason", "已关闭的基地应写明关闭原因"});
    }
    merged.set_close_reason(row.close_reason());
  }
  merged.set_state(StateOfDays(merged));
  if (stored != nullptr && stored->state() == v1::CO_BUILT_BASE_STATE_CLOSED &&
      !MessageDifferencer::Equals(*stored, merged)) {
    out->push_back({"title", "该基地已关闭，不能修改；请从表中删除该行"});
  }
  Append(BaseDayViolations(merged, today), out);
  Append(EvaluationViolations(merged, today), out);
  return merged;
}

}  // namespace

absl::StatusOr<v1::ImportFrameAgreementsResponse> CooperationService::ImportFrameAgreements(
    const rpc::Call& call, const v1::ImportFrameAgreementsRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::FrameAgreement shaped = static_cast<const v1::FrameAgreement&>(message);
    shaped.clear_university_titles();
    shaped.clear_city_party_titles();
    shaped.clear_lead_title();
    shaped.clear_sign_date();
    shaped.clear_state();
    shaped.add_universities(kAnyOrganization);
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::FrameAgreement> data,
      rpc::ReadUpload<v1::FrameAgreement>(request.file(), request.file_name(), options));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));

  return rpc::Mutate<v1::ImportFrameAgreementsResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportFrameAgreementsResponse> {
        const absl::CivilDay today = time::DayOf(change.now());
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::FrameAgreement> stored,
            agreements_.Select(change.session(), auth::Writable<v1::FrameAgreement>(call.principal),
                               db::kByNameLocked));
        absl::flat_hash_map<std::string, const v1::FrameAgreement*> by_name;
        for (const v1::FrameAgreement& row : stored) by_name[row.name()] = &row;
        Violations violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        rpc::ImportPlan<v1::FrameAgreement> plan;
        for (const auto& [message, number] : data.rows) {
          v1::FrameAgreement row = message;
          Violations wrong;
          ResolveUniversities(known, row.university_titles(), row.mutable_universities(), &wrong);
          Resolve(known, row.city_party_titles(), "city_party_titles", row.mutable_city_parties(),
                  &wrong);
          row.set_lead(ResolveOne(known, row.lead_title(), "lead_title", &wrong));
          const std::string name = NameOfAgreement(row);
          const auto found = by_name.find(name);
          const v1::FrameAgreement* before = found == by_name.end() ? nullptr : found->second;
          v1::FrameAgreement merged = MergeAgreement(before, row, data.places, today, &wrong);
          merged.set_name(name);
          Append(OfColumns(AgreementViolations(deps_.pack, merged)), &wrong);
          NoteTwice(&seen, name, number, "number", &wrong);
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          plan.Add(before, std::move(merged));
        }
        return rpc::Settle<v1::ImportFrameAgreementsResponse>(
            change, agreements_, std::move(violations), request.validate_only(), &plan);
      });
}

absl::StatusOr<google::api::HttpBody> CooperationService::ExportFrameAgreements(
    const rpc::Call& call, const v1::ExportFrameAgreementsRequest& request) {
  const absl::Time now = deps_.store.clock.Now();
  std::vector<v1::FrameAgreement> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 agreements_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows, agreements_.Select(
                      session, db::And(auth::Readable<v1::FrameAgreement>(call.principal), wanted),
                      "number, name"));
        return absl::OkStatus();
      }));
  for (v1::FrameAgreement& row : rows) row.set_state(StateOn(row, time::DayOf(now)));
  return rpc::ExportSheet<v1::FrameAgreement>("市校合作协议", now, rows);
}

absl::StatusOr<v1::ImportCoBuiltBasesResponse> CooperationService::ImportCoBuiltBases(
    const rpc::Call& call, const v1::ImportCoBuiltBasesRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::CoBuiltBase shaped = static_cast<const v1::CoBuiltBase&>(message);
    shaped.clear_university_titles();
    shaped.clear_partner_titles();
    shaped.clear_state();
    shaped.clear_start_date();
    shaped.clear_open_date();
    shaped.clear_close_date();
    shaped.clear_close_reason();
    shaped.add_universities(kAnyOrganization);
    return api::Violations(shaped);
  };
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::TableData<v1::CoBuiltBase> data,
      rpc::ReadUpload<v1::CoBuiltBase>(request.file(), request.file_name(), options));
  CHANYAN_ASSIGN_OR_RETURN(const Organizations known,
                           LoadOrganizations(deps_.peers, rpc::AsService(call)));

  return rpc::Mutate<v1::ImportCoBuiltBasesResponse>(
      deps_.store, call, request,
      [&](rpc::Change& change) -> absl::StatusOr<v1::ImportCoBuiltBasesResponse> {
        const absl::CivilDay today = time::DayOf(change.now());
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::CoBuiltBase> stored,
            bases_.Select(change.session(), auth::Writable<v1::CoBuiltBase>(call.principal),
                          db::kByNameLocked));
        absl::flat_hash_map<std::string, const v1::CoBuiltBase*> by_name;
        for (const v1::CoBuiltBase& row : stored) by_name[row.name()] = &row;
        Violations violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        rpc::ImportPlan<v1::CoBuiltBase> plan;
        for (const auto& [message, number] : data.rows) {
          v1::CoBuiltBase row = message;
          Violations wrong;
          ResolveUniversities(known, row.university_titles(), row.mutable_universities(), &wrong);
          Resolve(known, row.partner_titles(), "partner_titles", row.mutable_partners(), &wrong);
          const std::string name = NameOfBase(row);
          const auto found = by_name.find(name);
          const v1::CoBuiltBase* before = found == by_name.end() ? nullptr : found->second;
          v1::CoBuiltBase merged = MergeBase(before, row, data.places, today, &wrong);
          merged.set_name(name);
          Append(OfColumns(BaseViolations(deps_.pack, merged)), &wrong);
          if (wrong.empty()) {
            const absl::Status judged = JudgeRecommendation(
                deps_.pack, before, call.principal.roles, request.override_reason(), &merged);
            if (!judged.ok()) wrong.push_back({"recommended_as", std::string(judged.message())});
          }
          NoteTwice(&seen, name, number, "title", &wrong);
          if (!wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          plan.Add(before, std::move(merged));
        }
        return rpc::Settle<v1::ImportCoBuiltBasesResponse>(change, bases_, std::move(violations),
                                                           request.validate_only(), &plan);
      });
}

absl::StatusOr<google::api::HttpBody> CooperationService::ExportCoBuiltBases(
    const rpc::Call& call, const v1::ExportCoBuiltBasesRequest& request) {
  std::vector<v1::CoBuiltBase> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, bases_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows,
            bases_.Select(session, db::And(auth::Readable<v1::CoBuiltBase>(call.principal), wanted),
                          "title, name"));
        return absl::OkStatus();
      }));
  return rpc::ExportSheet<v1::CoBuiltBase>("共建基地", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::pairing
