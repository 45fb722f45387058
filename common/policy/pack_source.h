// The files of a pack joined into one message, with the place of everything in them.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "common/policy/pack.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace chanyan::policy {

// A place in a file; line and column count from 1, the column in characters as an editor shows it
// (a tab is one).
struct Location {
  std::string file;
  int line = 1;
  int column = 1;

  // "qingdao/cycle.textproto:12:3".
  std::string ToString() const;
  friend bool operator<(const Location& a, const Location& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  }
};

// One file's text, to turn the parser's positions into places.
class PackText {
 public:
  // `file` must outlive it.
  explicit PackText(const PackFile& file);

  // The place of the parser's `line` and `column`, which count from 0, columns in bytes with a tab
  // reaching to the next multiple of eight. Negative = unknown = the file's beginning.
  Location At(int line, int column) const;
  // The last place of `word` before there, or there if it is not found: the parser complains of a
  // word after it has gone on to the next.
  Location LastBefore(int line, int column, absl::string_view word) const;

 private:
  // Byte offset of a position within its line.
  size_t ByteOffset(int line, int column) const;
  Location Place(int line, size_t byte) const;

  const std::string& path_;
  std::vector<absl::string_view> lines_;
};

// Something wrong at a place.
struct PackError {
  Location location;
  std::string description;
};

// Not for threads; lives while a pack is loaded.
class PackSource {
 public:
  // Reads all files; what cannot be read is in errors(), and then pack() is not complete.
  explicit PackSource(const std::vector<PackFile>& files);
  PackSource(const PackSource&) = delete;
  PackSource& operator=(const PackSource&) = delete;

  const v1::PolicyPack& pack() const { return pack_; }
  v1::PolicyPack TakePack() { return std::move(pack_); }
  const std::vector<PackError>& errors() const { return errors_; }

  // Where `message`, which is part of pack(), begins. With a field number the place of that field
  // (its `index`-th value if repeated), or of the message if the field is not there.
  Location Where(const google::protobuf::Message& message, int field_number = 0,
                 int index = -1) const;

 private:
  using Key = std::tuple<const google::protobuf::Message*, int, int>;
  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  void Read(const PackFile& file);
  void Join(const PackText& text, const v1::PolicyPack& part, const Tree& tree);
  void Remember(const PackText& text, const google::protobuf::Message& message, const Tree& tree);
  void RememberField(const PackText& text, const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, int index, int tree_index,
                     const Tree& tree);

  v1::PolicyPack pack_;
  std::vector<PackError> errors_;
  Location start_;
  absl::flat_hash_map<Key, Location> places_;
};

}  // namespace chanyan::policy
