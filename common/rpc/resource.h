// The standard ways of a handler with one resource: read it, list it, edit it; always within the
// rows that the caller's roles reach. What a handler adds is its rule.
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/api/mask.h"
#include "common/auth/scope.h"
#include "common/db/table.h"
#include "common/policy/life.h"
#include "common/rpc/mutate.h"
#include "common/rpc/stale.h"
#include "common/status/status.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::rpc {

// A resource that the caller may see; NOT_FOUND otherwise.
template <class T>
absl::StatusOr<T> Fetch(db::Database& db, const Call& call, const db::Table<T>& table,
                        absl::string_view name) {
  T row;
  CHANYAN_RETURN_IF_ERROR(db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(row, table.Get(session, name, auth::Readable<T>(call.principal)));
    return absl::OkStatus();
  }));
  return row;
}

// A page of what the caller may see and `within` lets through. `request` has page_size and
// page_token; filter and order_by are given, because not every list has them.
template <class T, class Request>
absl::StatusOr<db::Page<T>> FetchPage(db::Database& db, const Call& call, const db::Table<T>& table,
                                      const Request& request, absl::string_view parent = "",
                                      absl::string_view filter = "",
                                      absl::string_view order_by = "",
                                      db::Predicate within = db::Predicate::Everything()) {
  db::ListQuery query;
  query.parent = std::string(parent);
  query.filter = std::string(filter);
  query.order_by = std::string(order_by);
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = db::And(auth::Readable<T>(call.principal), within);
  absl::StatusOr<db::Page<T>> page = db::Page<T>();
  absl::Status read = db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
    page = table.List(session, query);
    return page.status();
  });
  if (!read.ok()) return read;
  return page;
}

// As Edit, within a change that has locked before what goes before the row.
template <class T>
absl::StatusOr<T> EditWithin(
    Change& change, const Call& call, const db::Table<T>& table, absl::string_view name,
    absl::string_view etag, absl::string_view kind,
    absl::FunctionRef<absl::Status(Change&, T&)> edit,
    absl::FunctionRef<absl::Status(Change&, const T&)> written = [](Change&, const T&) {
      return absl::OkStatus();
    }) {
  CHANYAN_ASSIGN_OR_RETURN(
      T row, table.GetForUpdate(change.session(), name, auth::Writable<T>(call.principal)));
  if (!etag.empty() && etag != row.etag()) {
    return StaleEdit(change.session(), call, etag, row);
  }
  const T before = row;
  CHANYAN_RETURN_IF_ERROR(edit(change, row));
  if (google::protobuf::util::MessageDifferencer::Equals(before, row)) return row;
  CHANYAN_RETURN_IF_ERROR(table.Update(change.session(), change.now(), &row));
  CHANYAN_RETURN_IF_ERROR(change.Record(kind, &before, &row));
  CHANYAN_RETURN_IF_ERROR(written(change, row));
  return row;
}

// Loads and locks the row within the caller's write scope, checks `etag` (empty = whatever it is; a
// stale one is told what changed since), lets `edit` change it, writes and journals it as `kind`.
// An edit that changes nothing writes nothing. `written` does what can only follow the write, such
// as giving a unique key to another row.
template <class T>
absl::StatusOr<T> Edit(
    const StoreDeps& deps, const Call& call, const google::protobuf::Message& request,
    const db::Table<T>& table, absl::string_view name, absl::string_view etag,
    absl::string_view kind, absl::FunctionRef<absl::Status(Change&, T&)> edit,
    absl::FunctionRef<absl::Status(Change&, const T&)> written = [](Change&, const T&) {
      return absl::OkStatus();
    }) {
  return Mutate<T>(deps, call, request, [&](Change& change) {
    return EditWithin<T>(change, call, table, name, etag, kind, edit, written);
  });
}

// One transition of the resource's life cycle: as Edit, with the verb as the journal's kind. `edit`
// writes what the verb brings besides the state.
template <class T, class State>
absl::StatusOr<T> Transit(const StoreDeps& deps, const Call& call,
                          const google::protobuf::Message& request, const db::Table<T>& table,
                          absl::Span<const policy::Transition<State>> life, absl::string_view name,
                          absl::string_view etag, absl::string_view verb,
                          absl::FunctionRef<absl::Status(Change&, T&)> edit) {
  return Edit<T>(
      deps, call, request, table, name, etag, verb, [&](Change& change, T& row) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const State next, policy::Next(life, row.state(), verb));
        row.set_state(next);
        return edit(change, row);
      });
}

// The verbs that the resource's state allows and the caller's roles may call, for the `actions` of
// an answer: "submit" of a Platform is the method SubmitPlatform of the service being called.
template <class State>
std::vector<std::string> ActionsOf(const Call& call,
                                   absl::Span<const policy::Transition<State>> life, State present,
                                   absl::string_view resource) {
  std::vector<std::string> actions;
  if (call.method == nullptr) return actions;
  for (absl::string_view verb : policy::VerbsFrom(life, present)) {
    std::string method(verb);
    method[0] = absl::ascii_toupper(method[0]);
    const auto* found = call.method->service()->FindMethodByName(absl::StrCat(method, resource));
    if (found != nullptr && auth::CheckMethod(call.principal, found).ok()) {
      actions.push_back(std::string(verb));
    }
  }
  return actions;
}

}  // namespace chanyan::rpc
