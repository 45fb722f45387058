#include "tools/seed_program/catalog.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/status/status.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "tools/demo/tsv.h"

namespace chanyan::seed {
namespace {

using demo::Tsv;

constexpr char kDefaultRegion[] = "370211";

// The value of an enum that people call `label`.
template <class Enum>
absl::StatusOr<Enum> ByLabel(const Tsv& table, size_t row, absl::string_view column) {
  const std::string& label = table.Get(row, column);
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto* value = descriptor->value(i);
    if (value->options().GetExtension(options::v1::value).zh() == label) {
      return static_cast<Enum>(value->number());
    }
  }
  return status::InvalidField(table.Place(row), absl::StrCat("没有“", label, "”这一类"));
}

absl::StatusOr<int> Number(const Tsv& table, size_t row, absl::string_view column) {
  int number = 0;
  if (absl::SimpleAtoi(table.Get(row, column), &number)) return number;
  return status::InvalidField(table.Place(row), absl::StrCat("“", column, "”应为整数"));
}

absl::Status LoadFields(const std::string& directory, Catalog* catalog) {
  CHANYAN_ASSIGN_OR_RETURN(
      const Tsv table, Tsv::Load(directory + "/fields.tsv", {"key", "industry", "college", "title",
                                                             "kind", "level", "capabilities"}));
  for (size_t i = 0; i < table.size(); ++i) {
    Field field{table.Get(i, "key"), table.Get(i, "industry"), table.Get(i, "college"),
                table.Get(i, "title")};
    CHANYAN_ASSIGN_OR_RETURN(field.kind, ByLabel<registry::v1::PlatformKind>(table, i, "kind"));
    CHANYAN_ASSIGN_OR_RETURN(field.level, ByLabel<registry::v1::PlatformLevel>(table, i, "level"));
    field.kind_label = table.Get(i, "kind");
    field.capabilities = table.List(i, "capabilities");
    catalog->fields.push_back(std::move(field));
  }
  CHANYAN_ASSIGN_OR_RETURN(const Tsv directions,
                           Tsv::Load(directory + "/directions.tsv", {"direction"}));
  for (size_t i = 0; i < directions.size(); ++i) {
    const std::string& direction = directions.Get(i, "direction");
    catalog->directions.push_back(direction == "-" ? "" : direction);
  }
  return absl::OkStatus();
}

// Index of each field by its key.
absl::flat_hash_map<std::string, int> KeysOf(const Catalog& catalog) {
  absl::flat_hash_map<std::string, int> keys;
  for (size_t i = 0; i < catalog.fields.size(); ++i) keys[catalog.fields[i].key] = i;
  return keys;
}

absl::Status LoadInstruments(const std::string& directory, Catalog* catalog) {
  const absl::flat_hash_map<std::string, int> keys = KeysOf(*catalog);
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(directory + "/instruments.tsv",
                                                      {"field", "name", "name_en", "model", "price",
                                                       "variables", "hours", "mode", "charges"}));
  for (size_t i = 0; i < table.size(); ++i) {
    const auto field = keys.find(table.Get(i, "field"));
    if (field == keys.end()) {
      return status::InvalidField(table.Place(i), "fields.tsv 中没有这个领域");
    }
    InstrumentText one;
    one.field = field->second;
    one.name = table.Get(i, "name");
    one.name_en = table.Get(i, "name_en");
    one.model = table.Get(i, "model");
    CHANYAN_ASSIGN_OR_RETURN(one.price_yuan, Number(table, i, "price"));
    one.variables = table.List(i, "variables");
    one.hours = table.Get(i, "hours");
    one.charges = table.Get(i, "charges");
    CHANYAN_ASSIGN_OR_RETURN(one.mode, ByLabel<registry::v1::BookingMode>(table, i, "mode"));
    catalog->instruments.push_back(std::move(one));
  }
  return absl::OkStatus();
}

absl::Status LoadInstitutions(const std::string& directory, Catalog* catalog) {
  const absl::flat_hash_map<std::string, int> keys = KeysOf(*catalog);
  CHANYAN_ASSIGN_OR_RETURN(const Tsv table, Tsv::Load(directory + "/institutions.tsv",
                                                      {"name", "kind", "login", "fields"}));
  for (size_t i = 0; i < table.size(); ++i) {
    Institution one;
    one.name = table.Get(i, "name");
    one.login = table.Get(i, "login");
    CHANYAN_ASSIGN_OR_RETURN(one.kind, ByLabel<registry::v1::OrganizationKind>(table, i, "kind"));
    for (const std::string& key : table.List(i, "fields")) {
      const auto found = keys.find(key);
      if (found == keys.end()) {
        return status::InvalidField(table.Place(i), absl::StrCat("fields.tsv 中没有 ", key));
      }
      one.fields.push_back(found->second);
    }
    if (one.fields.empty()) return status::InvalidField(table.Place(i), "至少要有一个领域");
    catalog->institutions.push_back(std::move(one));
  }
  return absl::OkStatus();
}

absl::Status LoadUnits(const std::string& directory, Catalog* catalog) {
  CHANYAN_ASSIGN_OR_RETURN(
      const Tsv table,
      Tsv::Load(directory + "/units.tsv", {"name", "kind", "login", "zone", "weight", "region"}));
  for (size_t i = 0; i < table.size(); ++i) {
    UnitText unit;
    unit.name = table.Get(i, "name");
    unit.login = table.Get(i, "login");
    unit.zone = table.Get(i, "zone");
    unit.region = table.Get(i, "region").empty() ? kDefaultRegion : table.Get(i, "region");
    CHANYAN_ASSIGN_OR_RETURN(unit.kind, ByLabel<registry::v1::OrganizationKind>(table, i, "kind"));
    CHANYAN_ASSIGN_OR_RETURN(unit.weight, Number(table, i, "weight"));
    if (unit.kind == registry::v1::ORGANIZATION_KIND_SECRETARIAT) {
      catalog->secretariat = std::move(unit);
    } else {
      catalog->units.push_back(std::move(unit));
    }
  }
  if (!catalog->secretariat.name.empty()) return absl::OkStatus();
  return status::InvalidField(directory + "/units.tsv", "缺少秘书处");
}

absl::Status LoadCompanies(const std::string& directory, Catalog* catalog) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv trades,
                           Tsv::Load(directory + "/trades.tsv", {"industry", "weight", "words"}));
  for (size_t i = 0; i < trades.size(); ++i) {
    CHANYAN_ASSIGN_OR_RETURN(const int weight, Number(trades, i, "weight"));
    catalog->trades.push_back({trades.Get(i, "industry"), weight, trades.List(i, "words")});
  }
  CHANYAN_ASSIGN_OR_RETURN(const Tsv parts,
                           Tsv::Load(directory + "/name_parts.tsv", {"part", "words"}));
  for (size_t i = 0; i < parts.size(); ++i) {
    catalog->name_parts[parts.Get(i, "part")] = parts.List(i, "words");
  }
  for (const char* part : {"first", "second", "form"}) {
    if (!catalog->name_parts.contains(part)) {
      return status::InvalidField(directory + "/name_parts.tsv", absl::StrCat("缺少 ", part));
    }
  }
  return absl::OkStatus();
}

absl::Status LoadTexts(const std::string& directory, Catalog* catalog) {
  CHANYAN_ASSIGN_OR_RETURN(const Tsv projects,
                           Tsv::Load(directory + "/projects.tsv", {"kind", "title", "content"}));
  for (size_t i = 0; i < projects.size(); ++i) {
    catalog->projects.push_back(
        {projects.Get(i, "kind"), projects.Get(i, "title"), projects.Get(i, "content")});
  }
  CHANYAN_ASSIGN_OR_RETURN(const Tsv texts, Tsv::Load(directory + "/texts.tsv", {"part", "text"}));
  for (size_t i = 0; i < texts.size(); ++i) {
    catalog->texts[texts.Get(i, "part")].push_back(texts.Get(i, "text"));
  }
  for (const char* part : {"progress", "company_progress", "problem", "intent", "company_intent",
                           "return_reason", "late_reason", "publish_reason", "send_back_reason",
                           "send_back_row_reason", "exception_reason", "amendment"}) {
    if (!catalog->texts.contains(part)) {
      return status::InvalidField(directory + "/texts.tsv", absl::StrCat("缺少 ", part));
    }
  }
  CHANYAN_ASSIGN_OR_RETURN(
      const Tsv accounts,
      Tsv::Load(directory + "/accounts.tsv", {"login", "organization", "role", "title"}));
  for (size_t i = 0; i < accounts.size(); ++i) {
    catalog->accounts.push_back({accounts.Get(i, "login"), accounts.Get(i, "organization"),
                                 accounts.Get(i, "role"), accounts.Get(i, "title")});
  }
  CHANYAN_ASSIGN_OR_RETURN(catalog->events, demo::ReadFile(directory + "/events.tsv"));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Catalog> LoadCatalog(const std::string& directory) {
  Catalog catalog;
  CHANYAN_RETURN_IF_ERROR(LoadFields(directory, &catalog));
  CHANYAN_RETURN_IF_ERROR(LoadInstruments(directory, &catalog));
  CHANYAN_RETURN_IF_ERROR(LoadInstitutions(directory, &catalog));
  CHANYAN_RETURN_IF_ERROR(LoadUnits(directory, &catalog));
  CHANYAN_RETURN_IF_ERROR(LoadCompanies(directory, &catalog));
  CHANYAN_RETURN_IF_ERROR(LoadTexts(directory, &catalog));
  return catalog;
}

}  // namespace chanyan::seed
