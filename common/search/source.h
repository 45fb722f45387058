// Which resources are found, by what words and values: one row a resource type, the rest from its
// descriptor.
//
//   {.type = Platform::descriptor(), .journal = "registry",
//    .findable = "state != WITHDRAWN", .title = "display_name",
//    .texts = {{"display_name", 6}, {"services.title", 3}, {"introduction", 1}},
//    .facets = {{"kind", "kind"}, {"industry", "industries"}},
//    .owners = {{.field = "organization", .type = Organization::descriptor(),
//                .inherited = {{"zone", "zone", ""}}}}}
//
// A path leads through messages and lists to texts or enums; of an enum, the text is its Chinese
// label and the value its short name. Personal data can be in no row.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/auth/condition.h"
#include "common/search/document.h"
#include "common/search/highlight.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::search {

// The facet that every document has: its type's short name, "Platform".
inline constexpr char kTypeFacet[] = "type";

struct SourceText {
  std::string path;
  int weight = 1;
};

struct SourceFacet {
  std::string facet;
  std::string path;
};

// A value that a resource has from the one that it belongs to.
struct InheritedFacet {
  std::string facet;
  // Path in the owner.
  std::string path;
  // Only from an owner for which this holds (auth::Condition); empty = from any. Whoever may read
  // the resource learns the owner's value, so it must hold for no owner that is closed to them.
  std::string where;
};

// Another resource that a resource belongs to.
struct SourceOwner {
  // Field with its name.
  std::string field;
  // Must be a source as well.
  const google::protobuf::Descriptor* type = nullptr;
  std::vector<InheritedFacet> inherited;
};

struct Source {
  const google::protobuf::Descriptor* type = nullptr;
  // Service whose journal tells of it.
  std::string journal;
  // Rows that are found at all (auth::Condition); empty = every row.
  std::string findable;
  // Field that is its name for people.
  std::string title;
  std::vector<SourceText> texts;
  std::vector<SourceFacet> facets;
  std::vector<SourceOwner> owners;
  // It is there for what belongs to it, and never found itself.
  bool only_owner = false;
  // Field with the instant from which it is not found any more, or with the last day on which it
  // is; empty = none.
  std::string expires;
};

// A part of a found resource with the words looked for.
struct Excerpt {
  // Path of the field, and its label.
  std::string field;
  std::string label;
  Snippet snippet;
};

// How people see a value of a facet.
struct ValueLabel {
  std::string zh;
  std::string en;
};

using Path = std::vector<const google::protobuf::FieldDescriptor*>;

// Immutable, thread-safe.
class Sources {
 public:
  // INTERNAL with everything that is wrong in the rows: fields that do not exist or do not fit,
  // personal data, the same value of a facet with two meanings.
  static absl::StatusOr<std::unique_ptr<Sources>> Make(std::vector<Source> rows);
  ~Sources();

  // Null if the type (full name) is no source.
  const Source* Find(absl::string_view type) const;
  // Null if no source has this short name ("Platform").
  const Source* FindShort(absl::string_view name) const;
  const std::vector<Source>& rows() const { return rows_; }
  // Names of all facets, in the order of their first row; kTypeFacet first.
  const std::vector<std::string>& facets() const { return facets_; }
  // Changes whenever an index made from other rows would be another.
  const std::string& fingerprint() const { return fingerprint_; }

  // Whether others inherit from this type.
  bool IsOwner(const google::protobuf::Descriptor* type) const;

  // The owner of a resource by its name, or null; the message need not outlive the next call.
  using Owners = std::function<const google::protobuf::Message*(const std::string& name)>;
  // Nothing if the resource is not found at all. Personal data are masked in what is kept.
  std::optional<Document> Extract(const google::protobuf::Message& row, const Owners& owners) const;
  // Whether resources that belong to one of these two inherit something else from the second.
  bool BequeathsAlike(const google::protobuf::Message& before,
                      const google::protobuf::Message& after) const;
  // A new message of what Document::data holds; null if the type is no source or it cannot be read.
  std::unique_ptr<google::protobuf::Message> Restore(absl::string_view type,
                                                     absl::string_view data) const;

  std::string TitleOf(const google::protobuf::Message& row) const;
  // The title whole, then at most `count` other fields with words of `terms`, each at most `length`
  // characters.
  std::vector<Excerpt> Excerpts(const google::protobuf::Message& row, const TermSet& terms,
                                size_t count, size_t length) const;
  // The value itself where it has no label.
  ValueLabel LabelOf(const FacetValue& value) const;

 private:
  struct Compiled;
  struct Inherited {
    std::string facet;
    Path path;
    std::optional<auth::Condition> where;
  };

  explicit Sources(std::vector<Source> rows);
  void Compile(const Source& row, std::vector<std::string>* problems);
  std::optional<Path> Resolve(const Source& row, const google::protobuf::Descriptor* type,
                              absl::string_view path, std::vector<std::string>* problems) const;
  void AddFacet(const std::string& facet, const Path& path, std::vector<std::string>* problems);
  // What belongs to `owner` has from it.
  static void Inherit(const std::vector<Inherited>& inherited,
                      const google::protobuf::Message& owner, std::vector<FacetValue>* out);
  const Compiled* CompiledOf(const google::protobuf::Descriptor* type) const;

  std::vector<Source> rows_;
  std::vector<std::unique_ptr<const Compiled>> compiled_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, const Compiled*> by_type_;
  std::vector<std::string> facets_;
  // "facet\nvalue".
  absl::flat_hash_map<std::string, ValueLabel> labels_;
  std::string fingerprint_;
};

}  // namespace chanyan::search
