// Packages of records (CON-10): each part is tampered with, and each is named.
#include "common/journal/record_package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/api/json.h"
#include "common/journal/chain.h"
#include "common/journal/journal.h"

namespace chanyan::journal {
namespace {

using ::testing::HasSubstr;

constexpr char kOrganization[] = "organizations/a";
constexpr char kPlatform[] = "organizations/a/platforms/p";
constexpr char kContentPrefix[] = "contents/";

// A chain of a few entries, of which the package has some.
class Chain {
 public:
  v1::ProvenEntry Add(const google::protobuf::Message* before,
                      const google::protobuf::Message* after, const std::string& resource) {
    v1::ProvenEntry one;
    one.set_previous_hash(last_);
    v1::Entry& entry = *one.mutable_entry();
    entry.set_seq(++seq_);
    entry.set_resource(resource);
    entry.set_type(std::string((after != nullptr ? after : before)->GetDescriptor()->full_name()));
    entry.set_kind(before == nullptr ? "created" : "updated");
    if (before != nullptr) entry.set_before_json(CanonicalJson(*before));
    if (after != nullptr) entry.set_after_json(CanonicalJson(*after));
    entry.set_hash(ChainHash(last_, entry));
    last_ = entry.hash();
    return one;
  }

 private:
  int64_t seq_ = 0;
  std::string last_ = GenesisHash();
};

class RecordPackageTest : public ::testing::Test {
 protected:
  RecordPackageTest() {
    Chain chain;
    registry::v1::Organization organization;
    organization.set_name(kOrganization);
    organization.set_display_name("某单位");
    registry::v1::Platform platform;
    platform.set_name(kPlatform);
    platform.set_introduction(api::Sha256Hex("附件"));
    registry::v1::Organization other = organization;
    other.set_name("organizations/b");
    registry::v1::Organization renamed = organization;
    renamed.set_display_name("新名");
    *proof_.add_entries() = chain.Add(nullptr, &organization, kOrganization);
    *proof_.add_entries() = chain.Add(nullptr, &platform, kPlatform);
    chain.Add(nullptr, &other, "organizations/b");
    *proof_.add_entries() = chain.Add(&organization, &renamed, kOrganization);
    head_.set_service("registry");
    head_.set_subject(kOrganization);
    head_.set_title("新名");
    v1::PackageCode* code = head_.add_codes();
    code->set_label("名称");
    code->set_value("新名");
    code->set_resource(kOrganization);
    code->set_field("display_name");
  }

  PackageFiles Make() {
    auto files = MakePackage(head_, proof_, {{kPlatform, "附件.pdf", "附件"}});
    EXPECT_TRUE(files.ok()) << files.status();
    return files.ok() ? *files : PackageFiles();
  }

  static std::string Path(const PackageFiles& files, const std::string& prefix) {
    for (const auto& [path, bytes] : files) {
      if (path.rfind(prefix, 0) == 0) return path;
    }
    return "";
  }

  // The manifest made anew by somebody who knows how: digests of all files, of itself.
  static void Forge(PackageFiles* files,
                    const std::function<void(v1::PackageManifest*)>& edit = nullptr) {
    v1::PackageManifest manifest;
    ASSERT_TRUE(api::JsonToMessage((*files)[kManifestPath], manifest).ok());
    for (v1::PackageFile& file : *manifest.mutable_files()) {
      const std::string& bytes = (*files)[file.path()];
      file.set_sha256(api::Sha256Hex(bytes));
      file.set_byte_count(static_cast<int64_t>(bytes.size()));
    }
    if (edit) edit(&manifest);
    manifest.clear_manifest_sha256();
    std::string json;
    api::MessageToJson(manifest, json, api::JsonNames::kProto);
    manifest.set_manifest_sha256(api::Sha256Hex(json));
    json.clear();
    api::MessageToJson(manifest, json, api::JsonNames::kProto);
    (*files)[kManifestPath] = json;
  }

  static void ForgeProof(PackageFiles* files, const std::function<void(v1::JournalProof*)>& edit) {
    v1::JournalProof proof;
    ASSERT_TRUE(api::JsonToMessage((*files)[kProofPath], proof).ok());
    edit(&proof);
    std::string json;
    api::MessageToJson(proof, json, api::JsonNames::kProto);
    (*files)[kProofPath] = json;
    Forge(files,
          [&](v1::PackageManifest* manifest) { manifest->set_entry_count(proof.entries_size()); });
  }

  static void ExpectFault(const PackageFiles& files, const std::string& path,
                          const std::string& text) {
    const auto fault = FirstFault(files);
    ASSERT_TRUE(fault.has_value()) << path << " " << text;
    EXPECT_EQ(fault->path, path) << fault->text;
    EXPECT_THAT(fault->text, HasSubstr(text));
  }

  v1::JournalProof proof_;
  v1::PackageManifest head_;
};

TEST_F(RecordPackageTest, AWholePackageHasNoFaultAndTheSameBytesEachTime) {
  const PackageFiles files = Make();
  EXPECT_FALSE(FirstFault(files).has_value());
  EXPECT_EQ(files.size(), 5u);
  EXPECT_EQ(Make(), files);
  EXPECT_THAT(files.at("records/organizations/a.json"), HasSubstr("新名"));
}

TEST_F(RecordPackageTest, EachFileThatIsChangedMissingOrAddedIsNamed) {
  for (const auto& [path, bytes] : Make()) {
    PackageFiles files = Make();
    files[path] += " ";
    const auto changed = FirstFault(files);
    ASSERT_TRUE(changed.has_value()) << path;
    EXPECT_EQ(changed->path, path);
    files = Make();
    files[path][bytes.size() / 2] ^= 1;
    const auto flipped = FirstFault(files);
    ASSERT_TRUE(flipped.has_value()) << path;
    EXPECT_EQ(flipped->path, path);
    files = Make();
    files.erase(path);
    const auto missing = FirstFault(files);
    ASSERT_TRUE(missing.has_value()) << path;
    EXPECT_EQ(missing->path, path);
  }
  PackageFiles files = Make();
  files["contents/extra"] = "x";
  ExpectFault(files, "contents/extra", "清单中没有");
}

TEST_F(RecordPackageTest, AForgedManifestDoesNotHideAChangedRecord) {
  PackageFiles files = Make();
  std::string& record = files["records/organizations/a.json"];
  record = absl::StrReplaceAll(record, {{"新名", "伪名"}});
  Forge(&files);
  ExpectFault(files, "records/organizations/a.json", "与日志中该记录的最后状态不同");
}

TEST_F(RecordPackageTest, AForgedManifestDoesNotHideAChangedEntry) {
  PackageFiles files = Make();
  ForgeProof(&files, [](v1::JournalProof* proof) {
    proof->mutable_entries(0)->mutable_entry()->set_actor("accounts/somebody");
  });
  ExpectFault(files, kProofPath, "第1条（organizations/a）：内容被改动");
}

TEST_F(RecordPackageTest, AnEntryMadeAnewDoesNotJoinItsNeighbour) {
  PackageFiles files = Make();
  ForgeProof(&files, [](v1::JournalProof* proof) {
    v1::ProvenEntry* one = proof->mutable_entries(0);
    one->mutable_entry()->set_actor("accounts/somebody");
    one->mutable_entry()->set_hash(ChainHash(one->previous_hash(), one->entry()));
  });
  ExpectFault(files, kProofPath, "第2条（organizations/a/platforms/p）：与上一条的哈希不相接");
}

TEST_F(RecordPackageTest, AnEntryLeftOutOrOutOfOrderIsSeen) {
  PackageFiles files = Make();
  ForgeProof(&files,
             [](v1::JournalProof* proof) { proof->mutable_entries()->DeleteSubrange(0, 1); });
  ExpectFault(files, kProofPath, "缺少该记录的创建");
  files = Make();
  ForgeProof(&files, [](v1::JournalProof* proof) { proof->mutable_entries()->SwapElements(0, 1); });
  ExpectFault(files, kProofPath, "序号不对");
  files = Make();
  ForgeProof(&files, [](v1::JournalProof* proof) { proof->mutable_entries()->RemoveLast(); });
  ExpectFault(files, "records/organizations/a.json", "与日志中该记录的最后状态不同");
}

TEST_F(RecordPackageTest, ARecordLeftOutOrMadeUpIsSeen) {
  PackageFiles files = Make();
  files.erase("records/organizations/a/platforms/p.json");
  Forge(&files, [](v1::PackageManifest* manifest) {
    auto* all = manifest->mutable_files();
    for (int i = 0; i < all->size(); ++i) {
      if (all->at(i).resource() == kPlatform && all->at(i).kind() == v1::PACKAGE_FILE_KIND_RECORD) {
        all->DeleteSubrange(i--, 1);
      }
    }
  });
  files.erase("records/organizations/a/platforms/p.json");
  ExpectFault(files, "records/organizations/a/platforms/p.json", "日志中有这一记录，包中没有");
}

TEST_F(RecordPackageTest, AnAttachmentThatNoRecordNamesIsSeen) {
  PackageFiles files = Make();
  const std::string path = Path(files, kContentPrefix);
  const std::string other = absl::StrCat(kContentPrefix, api::Sha256Hex("别的附件"));
  files.erase(path);
  files[other] = "别的附件";
  Forge(&files, [&](v1::PackageManifest* manifest) {
    for (v1::PackageFile& file : *manifest->mutable_files()) {
      if (file.path() != path) continue;
      file.set_path(other);
      file.set_sha256(api::Sha256Hex("别的附件"));
      file.set_byte_count(static_cast<int64_t>(std::string("别的附件").size()));
    }
  });
  files.erase(path);
  ExpectFault(files, other, "没有这一附件");
}

TEST_F(RecordPackageTest, ACodeThatIsNotTheRecordsIsSeen) {
  PackageFiles files = Make();
  Forge(&files,
        [](v1::PackageManifest* manifest) { manifest->mutable_codes(0)->set_value("旧名"); });
  ExpectFault(files, kManifestPath, "名称“旧名”与记录“organizations/a”中的不同");
  files = Make();
  Forge(&files, [](v1::PackageManifest* manifest) { manifest->mutable_codes(0)->set_field("no"); });
  ExpectFault(files, kManifestPath, "中的不同");
}

TEST_F(RecordPackageTest, AnotherFormatAnotherSubjectAndLooseJsonAreRefused) {
  PackageFiles files = Make();
  Forge(&files, [](v1::PackageManifest* manifest) { manifest->set_format("other-1"); });
  ExpectFault(files, kManifestPath, "格式“other-1”");
  files = Make();
  Forge(&files, [](v1::PackageManifest* manifest) { manifest->set_subject("organizations/b"); });
  ExpectFault(files, "records/organizations/b.json", "缺少备案主体的记录");
  files = Make();
  files[kManifestPath].insert(1, " ");
  ExpectFault(files, kManifestPath, "规范的 JSON");
  EXPECT_TRUE(FirstFault({}).has_value());
}

TEST_F(RecordPackageTest, WhatDoesNotPassIsNotMade) {
  head_.mutable_codes(0)->set_value("旧名");
  EXPECT_EQ(MakePackage(head_, proof_, {}).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace chanyan::journal
