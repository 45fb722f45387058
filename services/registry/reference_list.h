// A list that is kept by hand and by sheet: the course of its calls, the same for each of the three
// reference lists. What makes one differ from another is its ListKind.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/fields.h"
#include "common/api/validate.h"
#include "common/policy/pack.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "google/protobuf/empty.pb.h"
#include "services/registry/reference_rules.h"

namespace chanyan::registry {

template <class T>
struct ListKind {
  // "policyDividends".
  const char* collection;
  // Of the sheet.
  const char* title;
  // What is one line of the list has one id.
  std::string (*id)(const T&);
  std::vector<status::Violation> (*violations)(const policy::Pack&, const T&);
  // Field with the name of a unit whose resource name goes into `organization`; null = none.
  const char* unit_field;
  // Text that an empty cell of a sheet leaves as it is stored; null = none.
  const char* kept_field = nullptr;
};

// Finds organizations by their present name, each once.
class UnitLinks {
 public:
  explicit UnitLinks(db::Session& session) : session_(session) {}
  // Sets `organization` of the entry, empty if the directory does not know the unit.
  absl::Status Link(const char* unit_field, google::protobuf::Message* entry);

 private:
  db::Session& session_;
  absl::flat_hash_map<std::string, std::string> known_;
};

// What the row's cell was empty of stays as it is stored.
void KeepIfEmpty(const char* field, const google::protobuf::Message& stored,
                 google::protobuf::Message* row);

template <class T>
class ReferenceList {
 public:
  struct Deps {
    const rpc::StoreDeps& store;
    const policy::Pack& pack;
  };
  ReferenceList(Deps deps, ListKind<T> kind) : deps_(deps), kind_(kind) {}

  absl::StatusOr<T> Get(const rpc::Call& call, const std::string& name) const {
    return rpc::Fetch(deps_.store.db, call, table_, name);
  }

  // `filter` and `order_by` in place of the request's own.
  template <class Request>
  absl::StatusOr<db::Page<T>> List(const rpc::Call& call, const Request& request,
                                   absl::string_view filter) const {
    return rpc::FetchPage(deps_.store.db, call, table_, request, "", filter, request.order_by());
  }

  template <class Request>
  absl::StatusOr<T> Create(const rpc::Call& call, const Request& request, const T& wanted) const {
    return rpc::Mutate<T>(
        deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<T> {
          T row = wanted;
          row.set_name(NameOf(row));
          CHANYAN_RETURN_IF_ERROR(Check(change.session(), &row));
          const absl::Status taken = table_.Get(change.session(), row.name()).status();
          if (taken.ok()) {
            return status::AlreadyExists(
                row.name(), absl::StrCat("已有该条目（", row.name(), "），请修改原条目"));
          }
          if (!absl::IsNotFound(taken)) return taken;
          if (request.validate_only()) return row;
          CHANYAN_RETURN_IF_ERROR(table_.Insert(change.session(), change.now(), &row));
          CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
          return row;
        });
  }

  template <class Request>
  absl::StatusOr<T> Update(const rpc::Call& call, const Request& request, const T& update) const {
    return rpc::Edit<T>(
        deps_.store, call, request, table_, update.name(), update.etag(), "updated",
        [&](rpc::Change& change, T& row) -> absl::Status {
          T wanted = row;
          CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &wanted));
          CHANYAN_RETURN_IF_ERROR(Check(change.session(), &wanted));
          if (!request.validate_only()) row = std::move(wanted);
          return absl::OkStatus();
        });
  }

  template <class Request>
  absl::StatusOr<google::protobuf::Empty> Delete(const rpc::Call& call,
                                                 const Request& request) const {
    return rpc::Mutate<google::protobuf::Empty>(
        deps_.store, call, request,
        [&](rpc::Change& change) -> absl::StatusOr<google::protobuf::Empty> {
          CHANYAN_ASSIGN_OR_RETURN(const T row,
                                   table_.GetForUpdate(change.session(), request.name(),
                                                       auth::Writable<T>(call.principal)));
          CHANYAN_RETURN_IF_ERROR(api::CheckEtag(request.etag(), row.etag(), row.name()));
          CHANYAN_RETURN_IF_ERROR(table_.Delete(change.session(), row));
          CHANYAN_RETURN_IF_ERROR(change.Record("deleted", &row, nullptr));
          return google::protobuf::Empty();
        });
  }

  template <class Request>
  absl::StatusOr<v1::ImportResult> Import(const rpc::Call& call, const Request& request) const {
    sheet::ReadOptions options;
    options.check = [](google::protobuf::Message& message, uint32_t) {
      return api::Violations(message);
    };
    CHANYAN_ASSIGN_OR_RETURN(const sheet::TableData<T> data,
                             rpc::ReadUpload<T>(request.file(), request.file_name(), options));
    return rpc::Mutate<v1::ImportResult>(
        deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
          CHANYAN_ASSIGN_OR_RETURN(rpc::ImportPlan<T> plan, Plan(change.session(), call, data));
          const auto result = rpc::ResultOf<v1::ImportResult>(plan, request.validate_only());
          if (!request.validate_only()) {
            CHANYAN_RETURN_IF_ERROR(rpc::Apply(change, table_, &plan));
          }
          return result;
        });
  }

  absl::StatusOr<google::api::HttpBody> Export(const rpc::Call& call,
                                               absl::string_view filter) const {
    std::vector<T> rows;
    const auto read = [&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted, table_.core().Where(filter));
      CHANYAN_ASSIGN_OR_RETURN(
          rows, table_.Select(session, db::And(auth::Readable<T>(call.principal), wanted)));
      return absl::OkStatus();
    };
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
    return rpc::ExportSheet<T>(kind_.title, deps_.store.clock.Now(), rows);
  }

 private:
  std::string NameOf(const T& entry) const {
    return absl::StrCat(kind_.collection, "/", kind_.id(entry));
  }

  absl::Status Check(db::Session& session, T* row) const {
    std::vector<status::Violation> violations = kind_.violations(deps_.pack, *row);
    if (!violations.empty()) {
      const std::string prefix = api::SnakeCase(T::descriptor()->name());
      for (status::Violation& violation : violations) {
        violation.field = absl::StrCat(prefix, ".", violation.field);
      }
      return status::InvalidFields(std::move(violations));
    }
    return UnitLinks(session).Link(kind_.unit_field, row);
  }

  absl::StatusOr<rpc::ImportPlan<T>> Plan(db::Session& session, const rpc::Call& call,
                                          const sheet::TableData<T>& data) const {
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<T> existing,
                             table_.Select(session, auth::Writable<T>(call.principal)));
    absl::flat_hash_map<std::string, const T*> by_name;
    for (const T& row : existing) by_name[row.name()] = &row;
    const google::protobuf::FieldMask copied = rpc::CopiedColumns(data.places, T::descriptor(), {});
    UnitLinks links(session);
    absl::flat_hash_map<std::string, uint32_t> seen;
    std::vector<status::Violation> violations;
    rpc::ImportPlan<T> plan;
    for (const auto& [message, number] : data.rows) {
      const std::string name = NameOf(message);
      const auto [first, fresh] = seen.try_emplace(name, number);
      if (!fresh) {
        violations.push_back({data.places.Place(number, ""),
                              absl::StrCat("与第 ", first->second, " 行是同一条目，请只保留一行")});
        continue;
      }
      const auto found = by_name.find(name);
      const T* stored = found == by_name.end() ? nullptr : found->second;
      T row = stored == nullptr ? message : *stored;
      row.set_name(name);
      if (stored != nullptr) {
        rpc::CopyColumns(copied, message, &row);
        KeepIfEmpty(kind_.kept_field, *stored, &row);
      }
      rpc::AddPlaced(kind_.violations(deps_.pack, row), number, data.places, &violations);
      CHANYAN_RETURN_IF_ERROR(links.Link(kind_.unit_field, &row));
      plan.Add(stored, std::move(row));
    }
    if (!violations.empty()) {
      return status::InvalidFields(std::move(violations), options::v1::ERROR_REASON_INVALID_FILE);
    }
    return plan;
  }

  const Deps deps_;
  const ListKind<T> kind_;
  const db::Table<T> table_;
};

}  // namespace chanyan::registry
