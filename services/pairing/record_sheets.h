// What imports of a project's records have in common: rows find their project, projects are locked
// before their records, each row means one record.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/rpc/import.h"
#include "common/status/status.h"
#include "services/pairing/parties.h"
#include "services/pairing/select_in.h"

namespace chanyan::pairing {

inline constexpr absl::string_view kAllProjects = "projects/-";

// The rows of an upload, each with its project's number; `check` is what is wrong with a row
// besides its shape.
template <class Row, class Request, class Check>
absl::StatusOr<sheet::TableData<Row>> ReadRecords(const Request& request, Check check) {
  const std::string parent =
      request.parent() == kAllProjects ? "" : std::string(api::IdOfName(request.parent()));
  sheet::ReadOptions options;
  options.check = [&](google::protobuf::Message& message, uint32_t) {
    Row& row = static_cast<Row&>(message);
    std::vector<status::Violation> violations = api::Violations(row);
    if (row.project_number().empty() && parent.empty()) {
      violations.push_back({"project_number", "请填写项目编号"});
    } else if (row.project_number().empty()) {
      row.set_project_number(parent);
    } else if (!parent.empty() && row.project_number() != parent) {
      violations.push_back({"project_number", absl::StrCat("本次只导入项目“", parent, "”的记录")});
    }
    for (status::Violation& violation : check(row)) violations.push_back(std::move(violation));
    return violations;
  };
  return rpc::ReadUpload<Row>(request.file(), request.file_name(), options);
}

template <class Row>
std::string ProjectOf(const Row& row) {
  return absl::StrCat("projects/", row.project_number());
}

// Names of the rows' projects.
template <class Row>
std::vector<std::string> ProjectsOf(const std::vector<sheet::TableRow<Row>>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(ProjectOf(row.message));
  return names;
}

// Projects by name.
using Projects = std::map<std::string, v1::Project>;

// Those of the rows that the caller may change, locked in the order of their names.
template <class Row>
absl::StatusOr<Projects> LockProjects(db::Session& session, const rpc::Call& call,
                                      const db::Table<v1::Project>& table,
                                      const std::vector<sheet::TableRow<Row>>& rows) {
  Projects projects;
  CHANYAN_RETURN_IF_ERROR(SelectIn(session, table, "name", ProjectsOf(rows),
                                   auth::Writable<v1::Project>(call.principal), "name FOR UPDATE",
                                   [&](v1::Project project) {
                                     std::string name = project.name();
                                     projects[std::move(name)] = std::move(project);
                                   }));
  return projects;
}

// Records of the rows' projects within `scope`, whether or not the caller may change the projects.
template <class T, class Row>
absl::StatusOr<std::vector<T>> RecordsOf(db::Session& session, const db::Table<T>& table,
                                         const std::vector<sheet::TableRow<Row>>& rows,
                                         const db::Predicate& scope, absl::string_view order) {
  std::vector<T> records;
  CHANYAN_RETURN_IF_ERROR(SelectIn(session, table, "project", ProjectsOf(rows), scope, order,
                                   [&](T record) { records.push_back(std::move(record)); }));
  return records;
}

// Which row a record was met in first.
class RowsSeen {
 public:
  // True the first time; otherwise a violation of `field` that names the row before.
  bool Add(const std::string& key, uint32_t number, absl::string_view field,
           std::vector<status::Violation>* violations) {
    const auto [first, fresh] = seen_.try_emplace(key, number);
    if (fresh) return true;
    violations->push_back({std::string(field),
                           absl::StrCat("与第 ", first->second, " 行是同一条记录，请只保留一行")});
    return false;
  }

 private:
  absl::flat_hash_map<std::string, uint32_t> seen_;
};

// What an error says, of `field`.
inline status::Violation AsViolation(const absl::Status& error, absl::string_view field) {
  const std::vector<status::Violation> own = status::ViolationsOf(error);
  return {std::string(field), own.empty() ? std::string(error.message()) : own[0].description};
}

inline status::Violation NoSuchProject(absl::string_view number) {
  return {"project_number", absl::StrCat("没有编号为“", number, "”的项目，或不在本单位办理范围内")};
}

inline status::Violation NoSuchRecord(absl::string_view field, absl::string_view number) {
  return {std::string(field), absl::StrCat("该项目没有编号为“", number, "”的记录；新增的请留空")};
}

}  // namespace chanyan::pairing
