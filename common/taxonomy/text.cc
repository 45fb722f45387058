#include "common/taxonomy/text.h"

#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace chanyan::taxonomy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr absl::string_view kTaxonomies = "taxonomies";
constexpr absl::string_view kMappings = "mappings";

TextFormat::Printer Printer(bool one_line) {
  TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  printer.SetSingleLineMode(one_line);
  printer.SetInitialIndentLevel(one_line ? 0 : 2);
  return printer;
}

// One field to a line; an industry or an entry too, whatever it holds.
std::string Block(absl::string_view name, const Message& message) {
  std::string out = absl::StrCat(name, " {\n");
  std::vector<const FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        std::string line;
        Printer(true).PrintToString(reflection.GetRepeatedMessage(message, field, i), &line);
        absl::StrAppend(&out, "  ", field->name(), " { ", absl::StripTrailingAsciiWhitespace(line),
                        " }\n");
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      std::string text;
      Printer(false).PrintToString(reflection.GetMessage(message, field), &text);
      absl::StrAppend(&out, "  ", field->name(), " {\n", text, "  }\n");
    } else {
      std::string value;
      Printer(true).PrintFieldValueToString(message, field, -1, &value);
      absl::StrAppend(&out, "  ", field->name(), ": ", value, "\n");
    }
  }
  return absl::StrCat(out, "}\n");
}

// "taxonomies gbt4754".
std::string KeyOf(absl::string_view kind, absl::string_view id) {
  return absl::StrCat(kind, " ", id);
}

// What is wrong with a text is said when the pack is read.
class Silent : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
};

// What a text says, as far as it can be read.
template <class T>
T ReadText(const std::string& text) {
  T message;
  Silent silent;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  parser.ParseFromString(text, &message);
  return message;
}

class Rewriting {
 public:
  explicit Rewriting(const TaxonomyEdition& edition) {
    for (const auto& taxonomy : edition.taxonomies) {
      blocks_[KeyOf(kTaxonomies, taxonomy.id())] = Block(kTaxonomies, taxonomy);
    }
    for (const auto& mapping : edition.mappings) {
      blocks_[KeyOf(kMappings, mapping.id())] = Block(kMappings, mapping);
    }
    for (const std::string& id : edition.removed_mappings) {
      blocks_[KeyOf(kMappings, id)] = "";
    }
  }

  std::string Of(absl::string_view text) {
    std::string out;
    // Of the block that is being read.
    absl::string_view kind;
    std::string whole;
    std::string inside;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      const absl::string_view line =
          text.substr(0, end == absl::string_view::npos ? text.size() : end + 1);
      text.remove_prefix(line.size());
      const absl::string_view word = absl::StripTrailingAsciiWhitespace(line);
      if (kind.empty()) {
        if (word == absl::StrCat(kTaxonomies, " {")) kind = kTaxonomies;
        if (word == absl::StrCat(kMappings, " {")) kind = kMappings;
        if (kind.empty()) {
          absl::StrAppend(&out, line);
        } else {
          whole = std::string(line);
          inside.clear();
        }
        continue;
      }
      absl::StrAppend(&whole, line);
      if (word != "}") {
        absl::StrAppend(&inside, line);
        continue;
      }
      absl::StrAppend(&out, Replaced(kind, inside, whole));
      kind = absl::string_view();
      whole.clear();
    }
    return absl::StrCat(out, whole);
  }

  // What has found no place: what is new, in the order of its names.
  std::string Rest() const { return absl::StrJoin(Values(), ""); }
  // What the files have, but in no block.
  std::vector<std::string> Lost(const std::vector<policy::PackFile>& files) const {
    std::vector<std::string> out;
    const auto look = [&](const std::string& key) {
      if (blocks_.contains(key)) out.push_back(key);
    };
    for (const policy::PackFile& file : files) {
      const auto pack = ReadText<policy::v1::PolicyPack>(file.text);
      for (const auto& one : pack.taxonomies()) look(KeyOf(kTaxonomies, one.id()));
      for (const auto& one : pack.mappings()) look(KeyOf(kMappings, one.id()));
    }
    return out;
  }

 private:
  std::string Replaced(absl::string_view kind, const std::string& inside,
                       const std::string& whole) {
    const auto found = blocks_.find(
        KeyOf(kind, kind == kTaxonomies ? ReadText<policy::v1::Taxonomy>(inside).id()
                                        : ReadText<policy::v1::TaxonomyMapping>(inside).id()));
    if (found == blocks_.end()) return whole;
    std::string block = std::move(found->second);
    blocks_.erase(found);
    return block;
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> out;
    // Taxonomies before what maps them.
    for (const absl::string_view kind : {kTaxonomies, kMappings}) {
      for (const auto& [key, block] : blocks_) {
        if (absl::StartsWith(key, kind)) out.push_back(block);
      }
    }
    return out;
  }

  absl::btree_map<std::string, std::string> blocks_;
};

}  // namespace

absl::StatusOr<std::vector<policy::PackFile>> RewriteTaxonomies(
    const std::vector<policy::PackFile>& files, const TaxonomyEdition& edition,
    absl::string_view new_file) {
  Rewriting rewriting(edition);
  std::vector<policy::PackFile> out;
  for (const policy::PackFile& file : files) out.push_back({file.path, rewriting.Of(file.text)});
  if (const std::vector<std::string> lost = rewriting.Lost(files); !lost.empty()) {
    return status::InvalidField(
        new_file,
        absl::StrCat(
            "政策包中找不到 ", absl::StrJoin(lost, "、"),
            " 的文本块；请让它从单独一行 taxonomies { 或 mappings { 开始，到单独一行 } 结束"),
        options::v1::ERROR_REASON_INVALID_FILE);
  }
  if (std::string rest = rewriting.Rest(); !rest.empty()) {
    auto place = out.begin();
    while (place != out.end() && place->path != new_file) ++place;
    if (place == out.end()) place = out.insert(out.end(), {std::string(new_file), ""});
    if (!place->text.empty() && place->text.back() != '\n') place->text += '\n';
    place->text += rest;
  }
  std::vector<policy::PackFile> changed;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i < files.size() && out[i].text == files[i].text) continue;
    changed.push_back(std::move(out[i]));
  }
  return changed;
}

}  // namespace chanyan::taxonomy
