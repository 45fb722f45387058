#include "common/taxonomy/sheet.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sheet/table.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "common/taxonomy/tree.h"
#include "google/protobuf/util/message_differencer.h"

namespace chanyan::taxonomy {
namespace {

using google::protobuf::util::MessageDifferencer;
using PolicyTaxonomy = policy::v1::Taxonomy;
using Mapping = policy::v1::TaxonomyMapping;
using Violations = std::vector<status::Violation>;

constexpr char kNoteOfNew[] = "由电子表格导入，依据待补充";
constexpr char kNoteOfMapping[] = "由电子表格导入，仅供检索和统计";

// "gbt4754/37" → both parts; nothing if it is none.
std::optional<std::pair<std::string, std::string>> Split(absl::string_view id) {
  const size_t slash = id.find('/');
  if (slash == absl::string_view::npos || slash == 0 || slash + 1 == id.size()) return std::nullopt;
  for (size_t i = 0; i < id.size(); ++i) {
    const char c = id[i];
    const bool good =
        absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.' || c == '-';
    if (!good && i != slash) return std::nullopt;
  }
  return std::make_pair(std::string(id.substr(0, slash)), std::string(id.substr(slash + 1)));
}

constexpr char kIdShape[] =
    "编号应为“体系编号/产业编号”，由小写字母、数字和 _ . - 组成，如 gbt4754/37";

// The sheet cannot be understood without these.
void RequireColumns(const sheet::Sheet& sheet, const sheet::TablePlaces& places,
                    const google::protobuf::Descriptor* type,
                    std::initializer_list<const char*> fields, Violations* out) {
  for (const sheet::TableColumn& column : sheet::TableColumns(type)) {
    for (const char* field : fields) {
      if (column.field->name() != field || places.HasColumn(field)) continue;
      out->push_back({places.Place(sheet.rows.front().number, ""),
                      absl::StrCat("缺少列“", column.header, "”；请在导出的表上修改")});
    }
  }
}

// One workbook, read against one pack.
class Reading {
 public:
  Reading(const policy::Pack& pack, const sheet::Workbook& workbook, absl::string_view version)
      : pack_(pack), workbook_(workbook), version_(version) {
    for (const PolicyTaxonomy& taxonomy : pack.proto().taxonomies()) {
      all_[taxonomy.id()] = taxonomy;
    }
  }

  absl::StatusOr<TaxonomyEdition> Read() && {
    const sheet::Sheet* lines = nullptr;
    for (const sheet::Sheet& sheet : workbook_.sheets) {
      if (sheet.hidden || sheet.rows.empty()) continue;
      if (sheet.name == kCorrespondenceSheet) {
        lines = &sheet;
      } else {
        Tree(sheet);
      }
    }
    // What industries there are must be known first.
    if (lines != nullptr && violations_.empty()) Lines(*lines);
    if (!violations_.empty()) {
      return status::InvalidFields(std::move(violations_), options::v1::ERROR_REASON_INVALID_FILE);
    }
    return std::move(edition_);
  }

 private:
  void Say(const sheet::TablePlaces& places, uint32_t row, absl::string_view field,
           std::string what) {
    violations_.push_back({places.Place(row, field), std::move(what)});
  }

  void Tree(const sheet::Sheet& sheet) {
    auto data = sheet::ReadTable<v1::IndustryNode>(workbook_, sheet);
    RequireColumns(sheet, data.places, v1::IndustryNode::descriptor(),
                   {"id", "parent_id", "display_name", "is_group"}, &data.violations);
    if (!data.violations.empty()) {
      for (status::Violation& one : data.violations) violations_.push_back(std::move(one));
      return;
    }
    std::string id;
    PolicyTaxonomy wanted;
    absl::flat_hash_map<std::string, uint32_t> seen;
    absl::flat_hash_map<std::string, int> depths;
    for (const auto& [node, number] : data.rows) {
      const auto own = Split(node.id());
      if (!own) {
        Say(data.places, number, "id", kIdShape);
        continue;
      }
      if (id.empty()) id = own->first;
      if (own->first != id) {
        Say(data.places, number, "id",
            absl::StrCat("一张表只能有一个产业体系：以上各行属于“", id, "”"));
        continue;
      }
      Industry(data.places, number, node, own->second, &seen, &depths, &wanted);
    }
    if (!id.empty()) Take(sheet, data.places, id, std::move(wanted));
  }

  void Industry(const sheet::TablePlaces& places, uint32_t number, const v1::IndustryNode& node,
                const std::string& own, absl::flat_hash_map<std::string, uint32_t>* seen,
                absl::flat_hash_map<std::string, int>* depths, PolicyTaxonomy* wanted) {
    const auto [first, fresh] = seen->try_emplace(node.id(), number);
    if (!fresh) {
      Say(places, number, "id", absl::StrCat("与第 ", first->second, " 行重复，请只保留一行"));
    }
    if (node.display_name().empty()) Say(places, number, "display_name", "“产业名称”必须填写");
    int depth = 1;
    if (!node.parent_id().empty()) {
      const auto above = depths->find(node.parent_id());
      if (above == depths->end()) {
        Say(places, number, "parent_id",
            absl::StrCat("上级“", node.parent_id(),
                         "”不在本表中，或排在下级之后；请把上级放在前面"));
      } else {
        depth = above->second + 1;
      }
      if (node.depth() != 0 && above != depths->end() && node.depth() != depth) {
        Say(places, number, "depth",
            absl::StrCat("按上级编号应为第 ", depth, " 级；请改上级编号或层级"));
      }
    } else if (node.depth() > 1) {
      Say(places, number, "depth", "没有填写上级编号，层级应为 1");
    }
    depths->try_emplace(node.id(), depth);
    policy::v1::Industry* industry = wanted->add_industries();
    industry->set_id(own);
    industry->set_display_name(node.display_name());
    if (const auto above = Split(node.parent_id())) industry->set_parent_id(above->second);
    industry->set_is_group(node.is_group());
    const policy::v1::Industry* stored = pack_.FindIndustry(node.id());
    industry->set_to_be_verified(places.HasColumn("to_be_verified")
                                     ? node.to_be_verified()
                                     : stored != nullptr && stored->to_be_verified());
  }

  void Take(const sheet::Sheet& sheet, const sheet::TablePlaces& places, const std::string& id,
            PolicyTaxonomy wanted) {
    const auto [first, fresh] = sheets_.try_emplace(id, sheet.name);
    if (!fresh) {
      Say(places, sheet.rows.front().number, "",
          absl::StrCat("产业体系“", id, "”已在工作表“", first->second, "”中，请只保留一张"));
      return;
    }
    const PolicyTaxonomy* stored = pack_.FindTaxonomy(id);
    PolicyTaxonomy row = stored == nullptr ? PolicyTaxonomy() : *stored;
    if (stored == nullptr) {
      row.set_id(id);
      row.set_display_name(sheet.name);
      row.set_note(kNoteOfNew);
    }
    *row.mutable_industries() = wanted.industries();
    if (stored != nullptr && MessageDifferencer::Equals(*stored, row)) return;
    Renew(stored == nullptr ? "" : stored->version(), row.display_name());
    row.set_version(version_);
    all_[id] = row;
    edition_.taxonomies.push_back(std::move(row));
  }

  // A version is of one state alone.
  void Renew(absl::string_view stored, absl::string_view title) {
    if (version_.empty()) {
      violations_.push_back({"version", absl::StrCat("“", title, "”有改动，请给出新的版本号")});
    } else if (version_ == stored) {
      violations_.push_back(
          {"version", absl::StrCat("“", title, "”现在的版本就是 ", stored, "，请换一个版本号")});
    }
  }

  const policy::v1::Industry* Find(absl::string_view id) const {
    const auto own = Split(id);
    if (!own) return nullptr;
    const auto taxonomy = all_.find(own->first);
    if (taxonomy == all_.end()) return nullptr;
    for (const policy::v1::Industry& industry : taxonomy->second.industries()) {
      if (industry.id() == own->second) return &industry;
    }
    return nullptr;
  }

  std::string StoredTitle(absl::string_view id) const {
    const policy::v1::Industry* stored = pack_.FindIndustry(id);
    return stored == nullptr ? "" : stored->display_name();
  }

  // One end of a line: its id, and the name that stands beside it.
  void End(const sheet::TablePlaces& places, uint32_t number, absl::string_view field,
           absl::string_view title_field, absl::string_view id, absl::string_view title) {
    const policy::v1::Industry* industry = Find(id);
    if (industry == nullptr) {
      Say(places, number, field,
          id.empty() ? "必须填写" : absl::StrCat("没有编号为“", id, "”的产业，请核对编号"));
    } else if (industry->is_group()) {
      Say(places, number, field,
          absl::StrCat("“", industry->display_name(), "”仅为分组，请填写其下的产业"));
    } else if (!title.empty() && title != industry->display_name() && title != StoredTitle(id)) {
      // Its name of before is as good: a new one need not be written at two places.
      Say(places, number, title_field,
          absl::StrCat("编号“", id, "”的产业是“", industry->display_name(), "”，请核对编号和名称"));
    }
  }

  void Lines(const sheet::Sheet& sheet) {
    auto data = sheet::ReadTable<v1::Correspondence>(workbook_, sheet);
    RequireColumns(sheet, data.places, v1::Correspondence::descriptor(), {"from_id", "to_id"},
                   &data.violations);
    if (!data.violations.empty()) {
      violations_ = std::move(data.violations);
      return;
    }
    absl::flat_hash_map<std::string, uint32_t> seen;
    for (const auto& [line, number] : data.rows) {
      End(data.places, number, "from_id", "from_title", line.from_id(), line.from_title());
      End(data.places, number, "to_id", "to_title", line.to_id(), line.to_title());
      if (!line.through_id().empty()) {
        Say(data.places, number, "through_id", "只登记直接的对照，本列应留空");
      }
      const auto from = Split(line.from_id());
      const auto to = Split(line.to_id());
      if (!from || !to) continue;
      if (from->first == to->first) {
        Say(data.places, number, "to_id", "对应产业应在另一个产业体系中");
        continue;
      }
      const auto [first, fresh] =
          seen.try_emplace(absl::StrCat(line.from_id(), " ", line.to_id()), number);
      if (!fresh) {
        Say(data.places, number, "to_id",
            absl::StrCat("与第 ", first->second, " 行重复，请只保留一行"));
        continue;
      }
      Pair(data.places, number, line, from->first, to->first);
      Mapping& mapping = wanted_[{from->first, to->first}].mapping;
      AddTo(from->second, to->second, &mapping);
    }
    if (violations_.empty()) TakeMappings();
  }

  static void AddTo(const std::string& from, const std::string& to, Mapping* mapping) {
    for (policy::v1::MappingEntry& entry : *mapping->mutable_entries()) {
      if (entry.from_id() != from) continue;
      entry.add_to_ids(to);
      return;
    }
    policy::v1::MappingEntry* entry = mapping->add_entries();
    entry->set_from_id(from);
    entry->add_to_ids(to);
  }

  // All lines between two taxonomies are of one table: one source, one note.
  void Pair(const sheet::TablePlaces& places, uint32_t number, const v1::Correspondence& line,
            const std::string& from, const std::string& to) {
    const auto [table, fresh] = wanted_.try_emplace({from, to});
    if (fresh) {
      table->second = {Begin(places, line, from, to), number, line.source(), line.note()};
      return;
    }
    if (table->second.source != line.source()) {
      Say(places, number, "source",
          absl::StrCat("与第 ", table->second.row, " 行属同一对照表，对照来源应一致"));
    }
    if (table->second.note != line.note()) {
      Say(places, number, "note",
          absl::StrCat("与第 ", table->second.row, " 行属同一对照表，对照说明应一致"));
    }
  }

  Mapping Begin(const sheet::TablePlaces& places, const v1::Correspondence& line,
                const std::string& from, const std::string& to) {
    Mapping mapping;
    const Mapping* stored = Stored(from, to);
    if (stored != nullptr) {
      mapping = *stored;
      mapping.clear_entries();
    } else {
      mapping.set_id(absl::StrCat(from, "-", to));
      mapping.set_display_name(
          absl::StrCat(all_[from].display_name(), "与", all_[to].display_name(), "对照"));
      mapping.set_from_taxonomy(from);
      mapping.set_to_taxonomy(to);
      mapping.set_origin(policy::v1::ORIGIN_CHOSEN);
      mapping.set_note(kNoteOfMapping);
    }
    if (places.HasColumn("source") && line.source() != v1::MAPPING_SOURCE_UNSPECIFIED) {
      mapping.set_origin(line.source() == v1::MAPPING_SOURCE_OFFICIAL ? policy::v1::ORIGIN_STATED
                                                                      : policy::v1::ORIGIN_CHOSEN);
    }
    if (places.HasColumn("note") && !line.note().empty()) mapping.set_note(line.note());
    return mapping;
  }

  const Mapping* Stored(const std::string& from, const std::string& to) const {
    for (const Mapping& mapping : pack_.proto().mappings()) {
      if (mapping.from_taxonomy() == from && mapping.to_taxonomy() == to) return &mapping;
    }
    return nullptr;
  }

  void TakeMappings() {
    for (const Mapping& mapping : pack_.proto().mappings()) {
      if (!wanted_.contains({mapping.from_taxonomy(), mapping.to_taxonomy()})) {
        edition_.removed_mappings.push_back(mapping.id());
      }
    }
    for (auto& [pair, table] : wanted_) {
      const Mapping* stored = Stored(pair.first, pair.second);
      if (stored != nullptr && MessageDifferencer::Equals(*stored, table.mapping)) continue;
      Renew(stored == nullptr ? "" : stored->version(), table.mapping.display_name());
      table.mapping.set_version(version_);
      edition_.mappings.push_back(std::move(table.mapping));
    }
  }

  struct Table {
    Mapping mapping;
    uint32_t row = 0;
    v1::MappingSource source = v1::MAPPING_SOURCE_UNSPECIFIED;
    std::string note;
  };

  const policy::Pack& pack_;
  const sheet::Workbook& workbook_;
  const std::string version_;
  // As they will be.
  absl::flat_hash_map<std::string, PolicyTaxonomy> all_;
  absl::flat_hash_map<std::string, std::string> sheets_;
  absl::btree_map<std::pair<std::string, std::string>, Table> wanted_;
  TaxonomyEdition edition_;
  Violations violations_;
};

}  // namespace

absl::StatusOr<std::string> WriteTaxonomies(const policy::Pack& pack, absl::Time created) {
  sheet::Writer writer({.created = created, .title = "产业体系"});
  for (const PolicyTaxonomy& taxonomy : pack.proto().taxonomies()) {
    const v1::Taxonomy shown = WholeTaxonomy(pack, taxonomy);
    sheet::WriteTable(
        writer, shown.display_name(), v1::IndustryNode::descriptor(), shown.industries(),
        {.title_rows = {absl::StrCat(shown.display_name(), "（", shown.version(), "）")}});
  }
  sheet::WriteTable(writer, kCorrespondenceSheet, v1::Correspondence::descriptor(),
                    AllCorrespondences(pack), {.title_rows = {kCorrespondenceSheet}});
  return std::move(writer).Finish();
}

absl::StatusOr<TaxonomyEdition> ReadTaxonomies(const policy::Pack& pack,
                                               const sheet::Workbook& workbook,
                                               absl::string_view version) {
  return Reading(pack, workbook, version).Read();
}

}  // namespace chanyan::taxonomy
