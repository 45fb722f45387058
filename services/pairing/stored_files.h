// Documents are named by their digests; this finds the files that are kept of them. Where a
// document lies is told in answers alone: it is never stored with the document, nor taken from a
// request.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/agreement.pb.h"
#include "chanyan/pairing/v1/cooperation.pb.h"
#include "chanyan/pairing/v1/outcome.pb.h"
#include "common/attachment/store.h"
#include "common/db/database.h"
#include "common/rpc/call.h"
#include "google/protobuf/repeated_field.h"
#include "services/pairing/parties.h"

namespace chanyan::pairing {

// Of one project, or of one subject of frame cooperation, together.
inline constexpr attachment::Quota kFileQuota = {.files = 100, .bytes = int64_t{300} << 20};

// A document of an answer, by what its file would be kept with.
struct NamedDocument {
  std::string holder;
  absl::string_view sha256;
  std::string* file;
};

template <class Document>
void NameDocuments(const std::string& holder, google::protobuf::RepeatedPtrField<Document>* all,
                   std::vector<NamedDocument>* named) {
  for (Document& document : *all) {
    document.clear_file();
    named->push_back({holder, document.sha256(), document.mutable_file()});
  }
}

inline auto* DocumentsIn(v1::Agreement* row) { return row->mutable_documents(); }
inline auto* DocumentsIn(v1::Outcome* row) { return row->mutable_evidence(); }
inline auto* DocumentsIn(v1::FrameAgreement* row) { return row->mutable_documents(); }
inline auto* DocumentsIn(v1::Conference* row) { return row->mutable_documents(); }
inline auto* DocumentsIn(v1::FollowUp* row) { return row->mutable_evidence_documents(); }
inline auto* DocumentsIn(v1::CoBuiltBase* row) { return row->mutable_documents(); }

// Whether one of the row's documents has that digest.
template <class T>
bool NamesDocument(const T& row, absl::string_view sha256) {
  T copy = row;
  for (const auto& document : *DocumentsIn(&copy)) {
    if (document.sha256() == sha256) return true;
  }
  return false;
}

// What a request says of where its documents lie is not taken.
template <class Document>
void ForgetFiles(google::protobuf::RepeatedPtrField<Document>* documents) {
  for (Document& document : *documents) document.clear_file();
}

// Sets `file` of those that are kept, by project or by subject.
absl::Status FindProjectFiles(db::Session& session, const std::vector<NamedDocument>& documents);
absl::Status FindCooperationFiles(db::Session& session,
                                  const std::vector<NamedDocument>& documents);

// Says of each document of agreements or outcomes which file of the project has its bytes.
template <class T>
absl::Status ShowProjectFiles(db::Database& database, const rpc::Call& call,
                              const std::vector<T*>& rows) {
  std::vector<NamedDocument> named;
  for (T* row : rows) NameDocuments(ProjectOfName(row->name()), DocumentsIn(row), &named);
  if (named.empty()) return absl::OkStatus();
  return database.Read(call.deadline,
                       [&](db::Session& session) { return FindProjectFiles(session, named); });
}

// The same of what frame cooperation keeps: each row is the subject of its own files.
template <class T>
absl::Status ShowCooperationFiles(db::Database& database, const rpc::Call& call,
                                  const std::vector<T*>& rows) {
  std::vector<NamedDocument> named;
  for (T* row : rows) NameDocuments(row->name(), DocumentsIn(row), &named);
  if (named.empty()) return absl::OkStatus();
  return database.Read(call.deadline,
                       [&](db::Session& session) { return FindCooperationFiles(session, named); });
}

// The rows of a page.
template <class T>
std::vector<T*> RowsOf(google::protobuf::RepeatedPtrField<T>* rows) {
  return {rows->pointer_begin(), rows->pointer_end()};
}

}  // namespace chanyan::pairing
