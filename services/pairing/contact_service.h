// RPC handlers of chanyan.pairing.v1.ContactService (PAIR-2). Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chanyan/pairing/v1/contact.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/rpc/method.h"
#include "services/pairing/alarms.h"
#include "services/pairing/record_service.h"

namespace chanyan::pairing {

class ContactService {
 public:
  explicit ContactService(RecordDeps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  absl::StatusOr<v1::Contact> GetContact(const rpc::Call&, const v1::GetContactRequest&);
  absl::StatusOr<v1::ListContactsResponse> ListContacts(const rpc::Call&,
                                                        const v1::ListContactsRequest&);
  absl::StatusOr<v1::Contact> CreateContact(const rpc::Call&, const v1::CreateContactRequest&);
  absl::StatusOr<v1::Contact> AnswerContact(const rpc::Call&, const v1::AnswerContactRequest&);
  absl::StatusOr<v1::Contact> WithdrawContact(const rpc::Call&, const v1::WithdrawContactRequest&);
  absl::StatusOr<v1::ListUnansweredContactsResponse> ListUnansweredContacts(
      const rpc::Call&, const v1::ListUnansweredContactsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportUnansweredContacts(
      const rpc::Call&, const v1::ExportUnansweredContactsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportContacts(const rpc::Call&,
                                                       const v1::ExportContactsRequest&);

  // Alarm "unanswered": an approach whose deadline has passed is journalled as such, once.
  absl::Status Ring(db::Session& session, absl::Time now, const Alarm& alarm);

 private:
  v1::Contact Present(const rpc::Call& call, v1::Contact contact) const;

  const RecordDeps deps_;
  const db::Table<v1::Contact> contacts_;
  const db::Table<v1::Project> projects_;
};

// Kind of the alarm.
inline constexpr char kUnanswered[] = "unanswered";

}  // namespace chanyan::pairing
