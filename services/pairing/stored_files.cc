#include "services/pairing/stored_files.h"

#include "absl/container/flat_hash_map.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"

namespace chanyan::pairing {
namespace {

constexpr char kOfProjects[] =
    "SELECT project, sha256, name FROM project_file WHERE (project, sha256) IN (";
constexpr char kOfSubjects[] =
    "SELECT subject, sha256, name FROM cooperation_file WHERE (subject, sha256) IN (";

// A holder keeps a content once.
std::string KeyOfFile(absl::string_view holder, absl::string_view sha256) {
  return absl::StrCat(holder, "\n", sha256);
}

absl::Status Find(db::Session& session, absl::string_view select,
                  const std::vector<NamedDocument>& documents) {
  absl::flat_hash_map<std::string, std::vector<std::string*>> wanted;
  for (const NamedDocument& document : documents) {
    document.file->clear();
    wanted[KeyOfFile(document.holder, document.sha256)].push_back(document.file);
  }
  return db::InChunks(documents, [&](absl::Span<const NamedDocument> chunk) -> absl::Status {
    db::Values params;
    for (const NamedDocument& document : chunk) {
      params.insert(params.end(),
                    {db::Value(document.holder), db::Value(std::string(document.sha256))});
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query(absl::StrCat(select, db::Repeat(chunk.size(), "(?, ?)"), ")"), params));
    for (const db::Values& row : rows.rows) {
      for (std::string* file :
           wanted[KeyOfFile(std::get<std::string>(row[0]), std::get<std::string>(row[1]))]) {
        *file = std::get<std::string>(row[2]);
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status FindProjectFiles(db::Session& session, const std::vector<NamedDocument>& documents) {
  return Find(session, kOfProjects, documents);
}

absl::Status FindCooperationFiles(db::Session& session,
                                  const std::vector<NamedDocument>& documents) {
  return Find(session, kOfSubjects, documents);
}

}  // namespace chanyan::pairing
