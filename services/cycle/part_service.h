// RPC handlers of chanyan.cycle.v1.PartService: the leg between a university and its platforms (S0
// 二, first and fourth week; CYC-4, CYC-5). Thread-safe.
//
// Everybody locks in one order: form, part, hand-overs, rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "common/db/table.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "google/api/httpbody.pb.h"
#include "services/cycle/custody.h"
#include "services/cycle/cycle_deps.h"
#include "services/cycle/form_rows.h"

namespace chanyan::cycle {

class PartService {
 public:
  explicit PartService(CycleDeps deps) : deps_(std::move(deps)) {}
  std::vector<rpc::UnaryMethod> Methods();

  // part_service.cc
  absl::StatusOr<v1::IssuePartsResponse> IssueParts(const rpc::Call&, const v1::IssuePartsRequest&);
  absl::StatusOr<v1::PlatformPart> AssignPart(const rpc::Call&, const v1::AssignPartRequest&);
  absl::StatusOr<v1::PlatformPart> GetPart(const rpc::Call&, const v1::GetPartRequest&);
  absl::StatusOr<v1::ListPartsResponse> ListParts(const rpc::Call&, const v1::ListPartsRequest&);
  absl::StatusOr<v1::ListPartVersionsResponse> ListPartVersions(const rpc::Call&,
                                                                const v1::ListPartVersionsRequest&);

  // part_filling.cc
  absl::StatusOr<google::api::HttpBody> ExportPart(const rpc::Call&, const v1::ExportPartRequest&);
  absl::StatusOr<v1::ImportFormResponse> ImportPart(const rpc::Call&, const v1::ImportPartRequest&);
  absl::StatusOr<v1::PlatformPart> SubmitPart(const rpc::Call&, const v1::SubmitPartRequest&);
  absl::StatusOr<v1::PlatformPart> ReceivePart(const rpc::Call&, const v1::ReceivePartRequest&);

  // part_gathering.cc
  absl::StatusOr<v1::PlatformPart> AcceptPart(const rpc::Call&, const v1::AcceptPartRequest&);
  absl::StatusOr<v1::PlatformPart> ReturnPart(const rpc::Call&, const v1::ReturnPartRequest&);
  absl::StatusOr<v1::PlatformPart> ReclaimPart(const rpc::Call&, const v1::ReclaimPartRequest&);
  absl::StatusOr<v1::DeliverToPlatformsResponse> DeliverToPlatforms(
      const rpc::Call&, const v1::DeliverToPlatformsRequest&);

 private:
  // A form and its cycle, locked, at a moment of the cycle's clock.
  struct Desk {
    v1::Form form;
    v1::Cycle cycle;
    absl::Time now;
  };
  // The form of `form_or_part`, within the caller's read scope.
  absl::StatusOr<Desk> LockDesk(rpc::Change& change, const rpc::Call& call,
                                absl::string_view form_or_part) const;

  // One change of a part: form and part are locked, `verb` is taken if PartLife knows it from here
  // ("assign" and "receive" leave the state), `edit` does what it brings besides.
  using PartEdit = absl::FunctionRef<absl::Status(rpc::Change&, const Desk&, v1::PlatformPart&)>;
  absl::StatusOr<v1::PlatformPart> Transit(const rpc::Call& call,
                                           const google::protobuf::Message& request,
                                           const std::string& name, absl::string_view etag,
                                           absl::string_view verb, PartEdit edit);
  absl::StatusOr<v1::PlatformPart> Present(const rpc::Call& call, v1::PlatformPart part);

  // part_service.cc
  // Parts as they are before they are handed out first; managers are those of the quarter before.
  absl::StatusOr<std::vector<v1::PlatformPart>> NewParts(
      db::Session& session, const v1::Form& form,
      const std::vector<registry::v1::Platform>& platforms) const;

  // part_filling.cc
  // Takes receipt of what waits for the platform.
  absl::Status ReceiveWaiting(rpc::Change& change, const rpc::Call& call, const Desk& desk,
                              const std::string& platform) const;
  absl::Status KeepVersion(rpc::Change& change, const rpc::Call& call, const Desk& desk,
                           const v1::PlatformPart& part, const std::vector<v1::Row>& rows) const;

  // part_gathering.cc
  // Hand-overs under way between the two, locked.
  absl::StatusOr<std::vector<v1::Handover>> UnderWay(db::Session& session, const Desk& desk,
                                                     const std::string& sender,
                                                     const std::string& receiver) const;

  const CycleDeps deps_;
  const db::Table<v1::Cycle> cycles_;
  const db::Table<v1::Form> forms_;
  const db::Table<v1::Row> rows_;
  const db::Table<v1::PlatformPart> parts_;
  const db::Table<v1::PartVersion> versions_;
  const Custody custody_;
};

}  // namespace chanyan::cycle
