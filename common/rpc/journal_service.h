// chanyan.journal.v1.JournalService over a service's own schema; the same in every service.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chanyan/journal/v1/journal.pb.h"
#include "common/db/database.h"
#include "common/rpc/call.h"
#include "common/rpc/server.h"

namespace chanyan::rpc {

inline constexpr int kDefaultEntriesPage = 200;
inline constexpr int kDefaultHistoryPage = 50;
inline constexpr int kMaxHistoryPage = 200;

// Thread-safe.
class JournalService {
 public:
  // `service` is the {service} of journals/{service}.
  JournalService(db::Database& db, std::string service);

  void Register(Server& server);

  absl::StatusOr<journal::v1::ListEntriesResponse> ListEntries(
      const Call& call, const journal::v1::ListEntriesRequest& request) const;
  absl::StatusOr<journal::v1::ListHistoryResponse> ListHistory(
      const Call& call, const journal::v1::ListHistoryRequest& request) const;

 private:
  absl::Status CheckParent(const std::string& parent) const;

  db::Database& db_;
  const std::string parent_;
};

}  // namespace chanyan::rpc
