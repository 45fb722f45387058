#include "services/triage/confidential_service.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "chanyan/triage/v1/demand.pb.h"
#include "chanyan/triage/v1/result.pb.h"
#include "common/rpc/resource.h"
#include "common/rpc/succession.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/triage/organizations.h"
#include "services/triage/parties.h"

namespace chanyan::triage {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string PartName(absl::string_view subject) {
  return absl::StrCat("confidentialParts/", absl::StrReplaceAll(subject, {{"/", "-"}}));
}

// Whose subject it is and who serves it; NOT_FOUND unless the caller may change the subject.
absl::Status CopySubject(rpc::Change& change, const rpc::Call& call, const std::string& subject,
                         v1::ConfidentialPart* part) {
  if (absl::StartsWith(subject, "results/")) {
    const db::Table<v1::Result> results;
    CHANYAN_ASSIGN_OR_RETURN(const v1::Result row,
                             results.GetForUpdate(change.session(), subject,
                                                  auth::Writable<v1::Result>(call.principal)));
    part->set_subject_title(row.title());
    part->set_proprietor(row.university());
    part->set_department(row.department());
    part->set_agency(row.agency());
    part->set_office(row.office());
    part->set_holder(row.holder());
    return absl::OkStatus();
  }
  const db::Table<v1::Demand> demands;
  CHANYAN_ASSIGN_OR_RETURN(
      const v1::Demand row,
      demands.GetForUpdate(change.session(), subject, auth::Writable<v1::Demand>(call.principal)));
  part->set_subject_title(row.title());
  part->set_proprietor(row.enterprise());
  part->set_agency(row.collector());
  part->set_office(row.office());
  return absl::OkStatus();
}

}  // namespace

std::vector<rpc::UnaryMethod> ConfidentialService::Methods() {
  using S = ConfidentialService;
  return {
      rpc::Unary("GetConfidentialPart", this, &S::GetConfidentialPart),
      rpc::Unary("ListConfidentialParts", this, &S::ListConfidentialParts),
      rpc::Unary("SetConfidentialPart", this, &S::SetConfidentialPart),
      rpc::Unary("EntitleOrganization", this, &S::EntitleOrganization),
      rpc::Unary("RevokeEntitlement", this, &S::RevokeEntitlement),
  };
}

v1::ConfidentialPart ConfidentialService::Present(const rpc::Call& call, v1::ConfidentialPart row) {
  // What was set aside concerns who writes it.
  if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) row.clear_text_notes();
  return row;
}

absl::StatusOr<v1::ConfidentialPart> ConfidentialService::GetConfidentialPart(
    const rpc::Call& call, const v1::GetConfidentialPartRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::ConfidentialPart row,
                           rpc::Fetch(deps_.store.db, call, parts_, request.name()));
  return Present(call, std::move(row));
}

absl::StatusOr<v1::ListConfidentialPartsResponse> ConfidentialService::ListConfidentialParts(
    const rpc::Call& call, const v1::ListConfidentialPartsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, parts_, request, "",
                                                     request.filter(), request.order_by()));
  v1::ListConfidentialPartsResponse response;
  for (v1::ConfidentialPart& row : page.rows) {
    *response.add_confidential_parts() = Present(call, std::move(row));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ConfidentialPart> ConfidentialService::SetConfidentialPart(
    const rpc::Call& call, const v1::SetConfidentialPartRequest& request) {
  const v1::ConfidentialPart& wanted = request.confidential_part();
  return rpc::Mutate<v1::ConfidentialPart>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ConfidentialPart> {
        v1::ConfidentialPart row = wanted;
        row.set_name(PartName(wanted.subject()));
        row.clear_text_notes();
        row.clear_entitled();
        const std::vector<Finding> findings = quarantine_.Clean(kConfidentialTexts, &row);
        // Kept under the part's own name: office and proprietor, who read it, are entitled to it.
        const auto keep = [&]() -> absl::Status {
          CHANYAN_ASSIGN_OR_RETURN(
              const auto notes, quarantine_.Keep(change, row.name(), row.proprietor(), findings));
          AddNotes(notes, row.mutable_text_notes());
          return absl::OkStatus();
        };
        CHANYAN_RETURN_IF_ERROR(CopySubject(change, call, wanted.subject(), &row));
        const absl::StatusOr<v1::ConfidentialPart> stored =
            parts_.GetForUpdate(change.session(), row.name());
        if (absl::IsNotFound(stored.status())) {
          row.clear_etag();
          CHANYAN_RETURN_IF_ERROR(keep());
          CHANYAN_RETURN_IF_ERROR(parts_.Insert(change.session(), change.now(), &row));
          CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
          return row;
        }
        CHANYAN_RETURN_IF_ERROR(stored.status());
        if (!wanted.etag().empty() && wanted.etag() != stored->etag()) {
          return rpc::StaleEdit(change.session(), call, wanted.etag(), *stored);
        }
        *row.mutable_entitled() = stored->entitled();
        *row.mutable_text_notes() = stored->text_notes();
        CHANYAN_RETURN_IF_ERROR(keep());
        *row.mutable_create_time() = stored->create_time();
        *row.mutable_update_time() = stored->update_time();
        row.set_etag(stored->etag());
        if (MessageDifferencer::Equals(*stored, row)) return row;
        CHANYAN_RETURN_IF_ERROR(parts_.Update(change.session(), change.now(), &row));
        CHANYAN_RETURN_IF_ERROR(change.Record("updated", &*stored, &row));
        return row;
      });
}

absl::StatusOr<v1::ConfidentialPart> ConfidentialService::EntitleOrganization(
    const rpc::Call& call, const v1::EntitleOrganizationRequest& request) {
  CHANYAN_RETURN_IF_ERROR(
      OrganizationOf(deps_, call, request.organization(), "organization").status());
  return rpc::Edit<v1::ConfidentialPart>(
      deps_.store, call, request, parts_, request.name(), request.etag(), "entitled",
      [&](rpc::Change& change, v1::ConfidentialPart& row) -> absl::Status {
        CHANYAN_RETURN_IF_ERROR(rpc::RefuseSucceeded(change.session(), {request.organization()}));
        const auto& entitled = row.entitled();
        if (std::find(entitled.begin(), entitled.end(), request.organization()) == entitled.end()) {
          row.add_entitled(request.organization());
        }
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::ConfidentialPart> ConfidentialService::RevokeEntitlement(
    const rpc::Call& call, const v1::RevokeEntitlementRequest& request) {
  return rpc::Edit<v1::ConfidentialPart>(
      deps_.store, call, request, parts_, request.name(), request.etag(), "revoked",
      [&](rpc::Change&, v1::ConfidentialPart& row) -> absl::Status {
        auto* entitled = row.mutable_entitled();
        entitled->erase(std::remove(entitled->begin(), entitled->end(), request.organization()),
                        entitled->end());
        return absl::OkStatus();
      });
}

}  // namespace chanyan::triage
