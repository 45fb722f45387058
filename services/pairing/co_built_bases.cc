// Handlers of bases and parks built together (PAIR-8).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/digest.h"
#include "common/api/validate.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "services/pairing/cooperation_life.h"
#include "services/pairing/cooperation_rules.h"
#include "services/pairing/cooperation_service.h"
#include "services/pairing/stored_files.h"

namespace chanyan::pairing {
namespace {

// With what is wrong with the organizations it names.
absl::Status CheckAsked(const policy::Pack& pack, const KnownOrganizations& known,
                        absl::CivilDay today, const v1::CoBuiltBase& row) {
  Violations wrong = BaseViolations(pack, row);
  Violations* const out = &wrong;
  for (status::Violation& violation : EvaluationViolations(row, today)) {
    out->push_back(std::move(violation));
  }
  RequireUniversities(known, row.universities(), "universities", out);
  for (int i = 0; i < row.partners_size(); ++i) {
    RequireKnown(known, row.partners(i), absl::StrCat("partners[", i, "]"), out);
  }
  if (out->empty()) return absl::OkStatus();
  return status::InvalidFields(Inside("co_built_base", std::move(*out)));
}

void Complete(const KnownOrganizations& known, v1::CoBuiltBase* row) {
  SetTitles(known, row->universities(), row->mutable_university_titles());
  SetTitles(known, row->partners(), row->mutable_partner_titles());
}

}  // namespace

std::vector<std::string> NamesIn(const v1::CoBuiltBase& row) {
  std::vector<std::string> names(row.universities().begin(), row.universities().end());
  names.insert(names.end(), row.partners().begin(), row.partners().end());
  return names;
}

std::string NameOfBase(const v1::CoBuiltBase& row) {
  std::vector<std::string> universities(row.universities().begin(), row.universities().end());
  std::sort(universities.begin(), universities.end());
  return absl::StrCat(
      "coBuiltBases/",
      api::DigestId("b", absl::StrCat(row.title(), "\n", absl::StrJoin(universities, "\n"))));
}

v1::CoBuiltBase CooperationService::Present(const rpc::Call& call, v1::CoBuiltBase row) const {
  if (auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
    for (std::string& verb : rpc::ActionsOf(call, CoBuiltBaseLife(), row.state(), "CoBuiltBase")) {
      row.add_actions(std::move(verb));
    }
  }
  return row;
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::GetCoBuiltBase(
    const rpc::Call& call, const v1::GetCoBuiltBaseRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::CoBuiltBase row,
                           rpc::Fetch(deps_.store.db, call, bases_, request.name()));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::ListCoBuiltBasesResponse> CooperationService::ListCoBuiltBases(
    const rpc::Call& call, const v1::ListCoBuiltBasesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, bases_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListCoBuiltBasesResponse response;
  for (v1::CoBuiltBase& row : page.rows) {
    *response.add_co_built_bases() = Present(call, std::move(row));
  }
  CHANYAN_RETURN_IF_ERROR(
      ShowCooperationFiles(deps_.store.db, call, RowsOf(response.mutable_co_built_bases())));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::CreateCoBuiltBase(
    const rpc::Call& call, const v1::CreateCoBuiltBaseRequest& request) {
  CHANYAN_RETURN_IF_ERROR(RequireCooperation(deps_.pack));
  v1::CoBuiltBase wanted = request.co_built_base();
  ForgetFiles(wanted.mutable_documents());
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           FetchOrganizations(deps_.peers, call, NamesIn(wanted)));
  CHANYAN_RETURN_IF_ERROR(
      CheckAsked(deps_.pack, known, time::DayOf(deps_.store.clock.Now()), wanted));
  Complete(known, &wanted);
  wanted.set_name(NameOfBase(wanted));
  wanted.set_state(v1::CO_BUILT_BASE_STATE_PLANNED);
  CHANYAN_ASSIGN_OR_RETURN(
      v1::CoBuiltBase made,
      rpc::Mutate<v1::CoBuiltBase>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::CoBuiltBase> {
            v1::CoBuiltBase row = wanted;
            CHANYAN_RETURN_IF_ERROR(RequireAgreement(change.session(), call, row.agreement(),
                                                     "co_built_base.agreement"));
            if (bases_.GetForUpdate(change.session(), row.name()).ok()) {
              return status::AlreadyExists(
                  row.name(), absl::StrCat("同名且由相同高校共建的基地已登记（", row.name(), "）"));
            }
            CHANYAN_RETURN_IF_ERROR(JudgeRecommendation(deps_.pack, nullptr, call.principal.roles,
                                                        request.override_reason(), &row));
            if (request.validate_only()) return row;
            CHANYAN_RETURN_IF_ERROR(bases_.Insert(change.session(), change.now(), &row));
            CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            return row;
          }));
  return Shown(call, std::move(made));
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::UpdateCoBuiltBase(
    const rpc::Call& call, const v1::UpdateCoBuiltBaseRequest& request) {
  const v1::CoBuiltBase& update = request.co_built_base();
  CHANYAN_ASSIGN_OR_RETURN(const KnownOrganizations known,
                           KnownFor(call, bases_, update.name(), update));
  CHANYAN_ASSIGN_OR_RETURN(
      v1::CoBuiltBase row,
      rpc::Edit<v1::CoBuiltBase>(
          deps_.store, call, request, bases_, update.name(), update.etag(), "updated",
          [&](rpc::Change& change, v1::CoBuiltBase& stored) -> absl::Status {
            if (stored.state() == v1::CO_BUILT_BASE_STATE_CLOSED) {
              return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                                "基地已关闭，不能修改");
            }
            v1::CoBuiltBase wanted = stored;
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
            ForgetFiles(wanted.mutable_documents());
            CHANYAN_RETURN_IF_ERROR(
                CheckAsked(deps_.pack, known, time::DayOf(change.now()), wanted));
            CHANYAN_RETURN_IF_ERROR(RequireAgreement(change.session(), call, wanted.agreement(),
                                                     "co_built_base.agreement"));
            CHANYAN_RETURN_IF_ERROR(JudgeRecommendation(deps_.pack, &stored, call.principal.roles,
                                                        request.override_reason(), &wanted));
            Complete(known, &wanted);
            if (!request.validate_only()) stored = std::move(wanted);
            return absl::OkStatus();
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::TransitBase(
    const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
    const std::string& etag, absl::string_view verb, Edit<v1::CoBuiltBase> edit) {
  CHANYAN_ASSIGN_OR_RETURN(
      v1::CoBuiltBase row,
      rpc::Transit<v1::CoBuiltBase>(
          deps_.store, call, request, bases_, CoBuiltBaseLife(), name, etag, verb,
          [&](rpc::Change& change, v1::CoBuiltBase& stored) -> absl::Status {
            CHANYAN_RETURN_IF_ERROR(edit(change, stored));
            Violations wrong = BaseDayViolations(stored, time::DayOf(change.now()));
            return wrong.empty() ? absl::OkStatus() : status::InvalidFields(std::move(wrong));
          }));
  return Shown(call, std::move(row));
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::StartCoBuiltBase(
    const rpc::Call& call, const v1::StartCoBuiltBaseRequest& request) {
  return TransitBase(call, request, request.name(), request.etag(), "start",
                     [&](rpc::Change&, v1::CoBuiltBase& row) -> absl::Status {
                       *row.mutable_start_date() = request.start_date();
                       return absl::OkStatus();
                     });
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::OpenCoBuiltBase(
    const rpc::Call& call, const v1::OpenCoBuiltBaseRequest& request) {
  return TransitBase(call, request, request.name(), request.etag(), "open",
                     [&](rpc::Change&, v1::CoBuiltBase& row) -> absl::Status {
                       *row.mutable_open_date() = request.open_date();
                       return absl::OkStatus();
                     });
}

absl::StatusOr<v1::CoBuiltBase> CooperationService::CloseCoBuiltBase(
    const rpc::Call& call, const v1::CloseCoBuiltBaseRequest& request) {
  return TransitBase(call, request, request.name(), request.etag(), "close",
                     [&](rpc::Change&, v1::CoBuiltBase& row) -> absl::Status {
                       *row.mutable_close_date() = request.close_date();
                       row.set_close_reason(request.reason());
                       return absl::OkStatus();
                     });
}

}  // namespace chanyan::pairing
