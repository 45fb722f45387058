#include "common/journal/record_package.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"
#include "common/status/status.h"
#include "google/protobuf/dynamic_message.h"

namespace chanyan::journal {
namespace {

constexpr char kHashAt[] = "SELECT hash FROM journal WHERE seq = ?";
// Entries of one read, and of a resource at most: a dossier has hundreds.
constexpr int kBatch = 500;
constexpr int kMaxEntriesOfResource = 20'000;

using Fault = std::optional<PackageFault>;

std::string Canonical(const google::protobuf::Message& message) {
  std::string json;
  api::MessageToJson(message, json, api::JsonNames::kProto);
  return json;
}

// Read, and written again the same.
template <class T>
bool ReadCanonical(const std::string& json, T* message) {
  return api::JsonToMessage(json, *message, api::JsonSource::kStored).ok() &&
         Canonical(*message) == json;
}

std::string ManifestDigest(v1::PackageManifest manifest) {
  manifest.clear_manifest_sha256();
  return api::Sha256Hex(Canonical(manifest));
}

std::string RecordPath(absl::string_view resource) {
  return absl::StrCat("records/", resource, ".json");
}

// A resource with its type and what its last entry left; empty if that removed it.
struct Record {
  std::string type;
  std::string json;
};
using Records = std::map<std::string, Record>;

Records RecordsOf(const v1::JournalProof& proof) {
  Records records;
  for (const v1::ProvenEntry& one : proof.entries()) {
    records[one.entry().resource()] = {one.entry().type(), one.entry().after_json()};
  }
  return records;
}

// A stored message by its type's name; null if the program does not know it or it cannot be read.
std::unique_ptr<google::protobuf::Message> MessageOf(const Record& record) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(record.type);
  if (type == nullptr) return nullptr;
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  if (prototype == nullptr) return nullptr;
  std::unique_ptr<google::protobuf::Message> message(prototype->New());
  if (!api::JsonToMessage(record.json, *message, api::JsonSource::kStored).ok()) return nullptr;
  return message;
}

// The value of a string field; nothing if there is no such field.
std::optional<std::string> FieldOf(const Record& record, const std::string& field_name) {
  const auto message = MessageOf(record);
  if (message == nullptr) return std::nullopt;
  const auto* field = message->GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return std::nullopt;
  }
  return message->GetReflection()->GetString(*message, field);
}

// Whether the record has `sha256` in any of its text fields, at any depth.
bool Names(const Record& record, absl::string_view sha256) {
  return absl::StrContains(record.json, absl::StrCat("\"", sha256, "\""));
}

class Checker {
 public:
  explicit Checker(const PackageFiles& files) : files_(files) {}

  Fault Run() {
    for (const auto check : {&Checker::Manifest, &Checker::Files, &Checker::Entries,
                             &Checker::RecordFiles, &Checker::Contents, &Checker::Codes}) {
      if (Fault fault = (this->*check)()) return fault;
    }
    return std::nullopt;
  }
  const v1::PackageManifest& manifest() const { return manifest_; }

 private:
  Fault Manifest() {
    const auto found = files_.find(kManifestPath);
    if (found == files_.end()) return PackageFault{kManifestPath, "缺少清单"};
    if (!ReadCanonical(found->second, &manifest_)) {
      return PackageFault{kManifestPath, "清单不能读取，或不是规范的 JSON"};
    }
    if (manifest_.format() != kPackageFormat) {
      return PackageFault{kManifestPath,
                          absl::StrCat("格式“", manifest_.format(), "”不是", kPackageFormat)};
    }
    if (ManifestDigest(manifest_) != manifest_.manifest_sha256()) {
      return PackageFault{kManifestPath, "清单被改动：内容与其摘要（manifest_sha256）不一致"};
    }
    return std::nullopt;
  }

  Fault Files() {
    std::string last;
    absl::flat_hash_set<std::string> listed = {kManifestPath};
    for (const v1::PackageFile& file : manifest_.files()) {
      if (file.path() <= last) return PackageFault{kManifestPath, "清单中的文件次序不对或重复"};
      last = file.path();
      listed.insert(file.path());
      const auto found = files_.find(file.path());
      if (found == files_.end()) return PackageFault{file.path(), "清单中有，包中没有"};
      if (static_cast<int64_t>(found->second.size()) != file.byte_count() ||
          api::Sha256Hex(found->second) != file.sha256()) {
        return PackageFault{file.path(), "内容被改动：与清单中的字节数或 SHA-256 不一致"};
      }
    }
    for (const auto& [path, bytes] : files_) {
      if (!listed.contains(path)) return PackageFault{path, "包中有，清单中没有"};
    }
    return std::nullopt;
  }

  Fault Entries() {
    const auto found = files_.find(kProofPath);
    if (found == files_.end()) return PackageFault{kProofPath, "缺少日志证明"};
    if (!ReadCanonical(found->second, &proof_)) {
      return PackageFault{kProofPath, "日志证明不能读取，或不是规范的 JSON"};
    }
    if (proof_.entries_size() != manifest_.entry_count()) {
      return PackageFault{kProofPath, absl::StrCat("日志记录有", proof_.entries_size(),
                                                   "条，清单为", manifest_.entry_count(), "条")};
    }
    const v1::ProvenEntry* before = nullptr;
    Records present;
    for (const v1::ProvenEntry& one : proof_.entries()) {
      if (Fault fault = OneEntry(before, one)) return fault;
      if (Fault fault = Continues(present, one.entry())) return fault;
      present[one.entry().resource()] = {one.entry().type(), one.entry().after_json()};
      before = &one;
    }
    return std::nullopt;
  }

  static PackageFault EntryFault(const v1::Entry& entry, absl::string_view text) {
    return {kProofPath, absl::StrCat("第", entry.seq(), "条（", entry.resource(), "）：", text)};
  }

  static Fault OneEntry(const v1::ProvenEntry* before, const v1::ProvenEntry& one) {
    const v1::Entry& entry = one.entry();
    if (entry.seq() < 1 || (before != nullptr && entry.seq() <= before->entry().seq())) {
      return EntryFault(entry, "序号不对");
    }
    if (entry.seq() == 1 && one.previous_hash() != GenesisHash()) {
      return EntryFault(entry, "首条之前的哈希不对");
    }
    if (before != nullptr && entry.seq() == before->entry().seq() + 1 &&
        one.previous_hash() != before->entry().hash()) {
      return EntryFault(entry, "与上一条的哈希不相接");
    }
    if (ChainHash(one.previous_hash(), entry) != entry.hash()) {
      return EntryFault(entry, "内容被改动：与哈希不一致");
    }
    return std::nullopt;
  }

  static Fault Continues(const Records& present, const v1::Entry& entry) {
    const auto known = present.find(entry.resource());
    const std::string expected = known == present.end() ? std::string() : known->second.json;
    if (entry.before_json() == expected) return std::nullopt;
    return EntryFault(entry, known == present.end() ? "缺少该记录的创建"
                                                    : "变更前的内容与上一条变更后的不同，缺少记录");
  }

  Fault RecordFiles() {
    records_ = RecordsOf(proof_);
    absl::flat_hash_set<std::string> seen;
    for (const v1::PackageFile& file : manifest_.files()) {
      if (file.kind() != v1::PACKAGE_FILE_KIND_RECORD) continue;
      const auto found = records_.find(file.resource());
      if (found == records_.end()) return PackageFault{file.path(), "日志中没有这一记录"};
      if (file.path() != RecordPath(file.resource())) {
        return PackageFault{file.path(), absl::StrCat("不是“", file.resource(), "”的文件")};
      }
      if (files_.at(file.path()) != found->second.json) {
        return PackageFault{file.path(), "与日志中该记录的最后状态不同"};
      }
      seen.insert(file.resource());
    }
    for (const auto& [resource, record] : records_) {
      if (!record.json.empty() && !seen.contains(resource)) {
        return PackageFault{RecordPath(resource), "日志中有这一记录，包中没有"};
      }
    }
    if (!seen.contains(manifest_.subject())) {
      return PackageFault{RecordPath(manifest_.subject()), "缺少备案主体的记录"};
    }
    return std::nullopt;
  }

  Fault Contents() {
    for (const v1::PackageFile& file : manifest_.files()) {
      if (file.kind() == v1::PACKAGE_FILE_KIND_RECORD) continue;
      if (file.kind() == v1::PACKAGE_FILE_KIND_PROOF) {
        if (file.path() != kProofPath) return PackageFault{file.path(), "不是日志证明"};
        continue;
      }
      const auto record = records_.find(file.resource());
      if (file.path() != absl::StrCat("contents/", file.sha256()) || record == records_.end() ||
          !Names(record->second, file.sha256())) {
        return PackageFault{file.path(), absl::StrCat("记录“", file.resource(), "”没有这一附件")};
      }
    }
    for (const v1::PackageFile& file : manifest_.omitted()) {
      const auto record = records_.find(file.resource());
      if (record == records_.end() || !Names(record->second, file.sha256())) {
        return PackageFault{kManifestPath, absl::StrCat("记录“", file.resource(),
                                                        "”没有未随包的附件“", file.title(), "”")};
      }
    }
    return std::nullopt;
  }

  Fault Codes() {
    for (const v1::PackageCode& code : manifest_.codes()) {
      const auto record = records_.find(code.resource());
      const std::optional<std::string> value =
          record == records_.end() ? std::nullopt : FieldOf(record->second, code.field());
      if (value == code.value()) continue;
      return PackageFault{kManifestPath, absl::StrCat(code.label(), "“", code.value(), "”与记录“",
                                                      code.resource(), "”中的不同")};
    }
    return std::nullopt;
  }

  const PackageFiles& files_;
  v1::PackageManifest manifest_;
  v1::JournalProof proof_;
  Records records_;
};

absl::StatusOr<std::string> HashBefore(db::Session& session, int64_t seq) {
  if (seq == 1) return GenesisHash();
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kHashAt, {seq - 1}));
  if (rows.rows.size() != 1) return status::Internal(absl::StrCat("journal: no entry ", seq - 1));
  return std::get<std::string>(rows.rows[0][0]);
}

}  // namespace

absl::StatusOr<v1::JournalProof> ProofOf(db::Session& session,
                                         const std::vector<std::string>& resources) {
  std::map<int64_t, v1::Entry> by_seq;
  for (const std::string& resource : resources) {
    int64_t last_id = 0;
    int found = 0;
    while (true) {
      CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Entry> page,
                               HistoryOf(session, resource, last_id, kBatch, &last_id));
      const bool last = page.size() < kBatch;
      found += static_cast<int>(page.size());
      if (found > kMaxEntriesOfResource) {
        return status::Internal(absl::StrCat("journal: too many entries of ", resource));
      }
      for (v1::Entry& entry : page) {
        if (entry.seq() == 0) return status::Unavailable("日志正在封存，请稍后再试");
        by_seq.emplace(entry.seq(), std::move(entry));
      }
      if (last) break;
    }
    if (found == 0) return status::NotFound(resource);
  }
  v1::JournalProof proof;
  for (auto& [seq, entry] : by_seq) {
    v1::ProvenEntry* one = proof.add_entries();
    CHANYAN_ASSIGN_OR_RETURN(*one->mutable_previous_hash(), HashBefore(session, seq));
    *one->mutable_entry() = std::move(entry);
  }
  return proof;
}

absl::StatusOr<PackageFiles> MakePackage(v1::PackageManifest head, const v1::JournalProof& proof,
                                         const std::vector<PackageContent>& contents) {
  PackageFiles files;
  std::map<std::string, v1::PackageFile> listed;
  const auto add = [&](const std::string& path, v1::PackageFileKind kind,
                       const std::string& resource, const std::string& title, std::string bytes) {
    v1::PackageFile& file = listed[path];
    file.set_path(path);
    file.set_kind(kind);
    file.set_resource(resource);
    file.set_title(title);
    file.set_sha256(api::Sha256Hex(bytes));
    file.set_byte_count(static_cast<int64_t>(bytes.size()));
    files[path] = std::move(bytes);
  };
  add(kProofPath, v1::PACKAGE_FILE_KIND_PROOF, "", "日志证明", Canonical(proof));
  for (const auto& [resource, record] : RecordsOf(proof)) {
    if (record.json.empty()) continue;
    add(RecordPath(resource), v1::PACKAGE_FILE_KIND_RECORD, resource, "", record.json);
  }
  for (const PackageContent& content : contents) {
    add(absl::StrCat("contents/", api::Sha256Hex(content.bytes)), v1::PACKAGE_FILE_KIND_CONTENT,
        content.resource, content.title, content.bytes);
  }
  head.set_format(kPackageFormat);
  head.set_entry_count(proof.entries_size());
  head.clear_files();
  for (auto& [path, file] : listed) *head.add_files() = std::move(file);
  head.set_manifest_sha256(ManifestDigest(head));
  files[kManifestPath] = Canonical(head);
  if (const Fault fault = FirstFault(files)) {
    return status::Internal(absl::StrCat("package: ", fault->path, ": ", fault->text));
  }
  return files;
}

std::optional<PackageFault> FirstFault(const PackageFiles& files) { return Checker(files).Run(); }

absl::StatusOr<v1::PackageManifest> ManifestOf(const PackageFiles& files) {
  Checker checker(files);
  if (const Fault fault = checker.Run()) {
    return status::InvalidField(fault->path, fault->text, options::v1::ERROR_REASON_INVALID_FILE);
  }
  return checker.manifest();
}

}  // namespace chanyan::journal
