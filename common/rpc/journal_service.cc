#include "common/rpc/journal_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/journal/reader.h"
#include "common/status/status.h"

namespace chanyan::rpc {
namespace {

using journal::v1::Entry;

absl::StatusOr<int> PageSize(int32_t asked, int standard, int most) {
  if (asked < 0) return status::InvalidField("page_size", "不能为负数");
  return asked == 0 ? standard : std::min<int>(asked, most);
}

template <class Reply>
void Move(std::vector<Entry>* entries, Reply* reply) {
  for (Entry& entry : *entries) *reply->add_entries() = std::move(entry);
}

}  // namespace

JournalService::JournalService(db::Database& db, std::string service)
    : db_(db), parent_(absl::StrCat("journals/", service)) {}

void JournalService::Register(Server& server) {
  server.Register("chanyan.journal.v1.JournalService",
                  {Unary("ListEntries", this, &JournalService::ListEntries),
                   Unary("ListHistory", this, &JournalService::ListHistory)});
}

absl::Status JournalService::CheckParent(const std::string& parent) const {
  return parent == parent_ ? absl::OkStatus() : status::NotFound(parent);
}

absl::StatusOr<journal::v1::ListEntriesResponse> JournalService::ListEntries(
    const Call& call, const journal::v1::ListEntriesRequest& request) const {
  CHANYAN_RETURN_IF_ERROR(CheckParent(request.parent()));
  CHANYAN_ASSIGN_OR_RETURN(
      const int limit, PageSize(request.page_size(), kDefaultEntriesPage, journal::kMaxEntries));
  journal::v1::ListEntriesResponse reply;
  CHANYAN_RETURN_IF_ERROR(db_.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    // Before the entries: a follower must not take a later end for one it has read up to.
    CHANYAN_ASSIGN_OR_RETURN(const int64_t last, journal::LastSeq(session));
    CHANYAN_ASSIGN_OR_RETURN(std::vector<Entry> entries,
                             journal::SealedAfter(session, request.after_seq(), limit));
    reply.set_last_seq(entries.empty() ? last : std::max(last, entries.back().seq()));
    Move(&entries, &reply);
    return absl::OkStatus();
  }));
  return reply;
}

absl::StatusOr<journal::v1::ListHistoryResponse> JournalService::ListHistory(
    const Call& call, const journal::v1::ListHistoryRequest& request) const {
  CHANYAN_RETURN_IF_ERROR(CheckParent(request.parent()));
  CHANYAN_ASSIGN_OR_RETURN(const int limit,
                           PageSize(request.page_size(), kDefaultHistoryPage, kMaxHistoryPage));
  int64_t after = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &after) || after < 0)) {
    return status::InvalidField("page_token", "不是上一页返回的令牌",
                                options::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
  journal::v1::ListHistoryResponse reply;
  CHANYAN_RETURN_IF_ERROR(db_.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    int64_t last_id = after;
    CHANYAN_ASSIGN_OR_RETURN(
        std::vector<Entry> entries,
        journal::HistoryOf(session, request.resource(), after, limit, &last_id));
    if (static_cast<int>(entries.size()) == limit) reply.set_next_page_token(absl::StrCat(last_id));
    Move(&entries, &reply);
    return absl::OkStatus();
  }));
  return reply;
}

}  // namespace chanyan::rpc
