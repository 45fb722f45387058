// A city's taxonomies as .xlsx, and back into its policy pack (REG-7, REG-10).
//   chanyan-taxonomies export FILE
//   chanyan-taxonomies import FILE --version=VERSION [--dry-run]
// Ends with 0; 1 if something is wrong, and then nothing is written; 2 if it could not be tried.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/policy/pack.h"
#include "common/policy/pack_files.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "common/taxonomy/differences.h"
#include "common/taxonomy/sheet.h"
#include "common/taxonomy/text.h"
#include "common/taxonomy/tree.h"

namespace chanyan::taxonomy {
namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0;
constexpr int kWrong = 1;
constexpr int kNotTried = 2;

constexpr char kUsage[] =
    "用法：chanyan-taxonomies export 文件.xlsx          导出政策包中的产业体系和产业对照\n"
    "      chanyan-taxonomies import 文件.xlsx --version=版本 把改过的表写回政策包\n"
    "  --dry-run       只核对并列出改动，不写入\n"
    "  --city=城市     政策包目录名，默认 qingdao\n"
    "  --policies=目录 政策包的上级目录，默认 deploy/policies\n"
    "每个产业体系一张表，“产业对照”一张表；未包含的表不作改动。编号不变即为同一产业。\n";

struct Arguments {
  bool is_import = false;
  bool dry_run = false;
  std::string file, version;
  std::string city = "qingdao";
  std::string policies = "deploy/policies";
};

absl::StatusOr<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  const std::pair<absl::string_view, std::string*> known[] = {{"--version=", &arguments.version},
                                                              {"--city=", &arguments.city},
                                                              {"--policies=", &arguments.policies}};
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    bool found = argument == "--dry-run";
    if (found) arguments.dry_run = true;
    for (const auto& [prefix, value] : known) {
      if (found || !absl::ConsumePrefix(&argument, prefix)) continue;
      *value = std::string(argument);
      found = true;
    }
    if (found) continue;
    if (absl::StartsWith(argument, "--")) {
      return status::InvalidField(argument, absl::StrCat("未知的参数：", argument));
    }
    words.emplace_back(argument);
  }
  if (words.size() != 2 || (words[0] != "import" && words[0] != "export")) {
    return status::InvalidField("COMMAND", "应为 export 文件 或 import 文件");
  }
  arguments.is_import = words[0] == "import";
  arguments.file = words[1];
  return arguments;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A folder opens, too.
  if (!file || !(text << file.rdbuf())) {
    return status::InvalidField(path, "无法读取，请核对路径和权限");
  }
  return text.str();
}

constexpr char kNew[] = ".new";

// All or none: each under another name first, so that a full disk is met before any has changed.
absl::Status WriteFiles(const std::string& folder, const std::vector<policy::PackFile>& files) {
  std::string wrong;
  for (const policy::PackFile& file : files) {
    std::ofstream out(folder + file.path + kNew, std::ios::binary | std::ios::trunc);
    out.write(file.text.data(), static_cast<std::streamsize>(file.text.size()));
    out.close();
    if (!out) wrong = folder + file.path;
  }
  std::error_code error;
  for (const policy::PackFile& file : files) {
    if (wrong.empty()) fs::rename(folder + file.path + kNew, folder + file.path, error);
    if (wrong.empty() && error) wrong = folder + file.path;
    if (!wrong.empty()) fs::remove(folder + file.path + kNew, error);
  }
  if (wrong.empty()) return absl::OkStatus();
  return status::InvalidField(wrong, "无法写入，请检查权限和磁盘空间");
}

// The files with those that changed in the place of their old ones; what is new goes behind.
std::vector<policy::PackFile> With(std::vector<policy::PackFile> files,
                                   const std::vector<policy::PackFile>& changed) {
  for (const policy::PackFile& file : changed) {
    auto place = files.begin();
    while (place != files.end() && place->path != file.path) ++place;
    if (place != files.end()) {
      *place = file;
    } else {
      files.push_back(file);
    }
  }
  return files;
}

// The cities that load what every city shares.
absl::StatusOr<std::vector<std::string>> Cities(const std::string& policies) {
  std::vector<std::string> cities;
  std::error_code error;
  for (fs::directory_iterator it(policies, error), end; !error && it != end; it.increment(error)) {
    if (fs::exists(it->path() / "pack.textproto", error))
      cities.push_back(it->path().filename().string());
  }
  if (error) return status::InvalidField(policies, "政策包目录不存在或无法读取");
  return cities;
}

// Of these files those that are not the city's own.
std::vector<policy::PackFile> Shared(const std::string& city,
                                     const std::vector<policy::PackFile>& files) {
  std::vector<policy::PackFile> shared;
  for (const policy::PackFile& file : files) {
    if (!absl::StartsWith(file.path, absl::StrCat(city, "/"))) shared.push_back(file);
  }
  return shared;
}

// That every other city's pack holds together with what all cities share of the changed files.
absl::Status CheckCities(const Arguments& arguments, const std::vector<policy::PackFile>& changed) {
  const std::vector<policy::PackFile> shared = Shared(arguments.city, changed);
  if (shared.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<std::string> cities, Cities(arguments.policies));
  for (const std::string& city : cities) {
    if (city == arguments.city) continue;
    CHANYAN_ASSIGN_OR_RETURN(std::vector<policy::PackFile> files,
                             policy::ReadCityFiles(arguments.policies, city));
    CHANYAN_RETURN_IF_ERROR(policy::Pack::Parse(With(std::move(files), shared)).status());
  }
  return absl::OkStatus();
}

// Every line of what differs; what goes away may still stand in what people have entered.
int PrintDifferences(const policy::Pack& before, const policy::Pack& after) {
  int removed = 0;
  for (const policy::v1::Taxonomy& taxonomy : after.proto().taxonomies()) {
    const policy::v1::Taxonomy* stored = before.FindTaxonomy(taxonomy.id());
    const auto differences =
        TaxonomyDifferences(stored == nullptr ? v1::Taxonomy() : WholeTaxonomy(before, *stored),
                            WholeTaxonomy(after, taxonomy));
    if (differences.empty()) continue;
    std::printf("%s（%s）\n", taxonomy.display_name().c_str(), taxonomy.id().c_str());
    for (const v1::FieldDifference& one : differences) {
      const char* arrow = one.before().empty() || one.after().empty() ? "" : " → ";
      std::printf("  %s：%s%s%s\n", one.label().c_str(), one.before().c_str(), arrow,
                  one.after().c_str());
      removed += one.field() == "industries" && one.after().empty() ? 1 : 0;
    }
  }
  return removed;
}

absl::Status Export(const Arguments& arguments) {
  CHANYAN_ASSIGN_OR_RETURN(const auto pack,
                           policy::Pack::LoadCity(arguments.policies, arguments.city));
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, WriteTaxonomies(*pack, absl::Now()));
  CHANYAN_RETURN_IF_ERROR(WriteFiles("", {{arguments.file, bytes}}));
  std::printf("已导出 %d 个产业体系到 %s\n", pack->proto().taxonomies_size(),
              arguments.file.c_str());
  return absl::OkStatus();
}

absl::Status Import(const Arguments& arguments) {
  CHANYAN_ASSIGN_OR_RETURN(const auto pack,
                           policy::Pack::LoadCity(arguments.policies, arguments.city));
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(arguments.file));
  CHANYAN_ASSIGN_OR_RETURN(
      const sheet::Workbook workbook,
      sheet::ReadWorkbook(bytes, fs::path(arguments.file).filename().string()));
  CHANYAN_ASSIGN_OR_RETURN(const TaxonomyEdition edition,
                           ReadTaxonomies(*pack, workbook, arguments.version));
  if (edition.empty()) {
    std::printf("与政策包一致，没有改动。\n");
    return absl::OkStatus();
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<policy::PackFile> files,
                           policy::ReadCityFiles(arguments.policies, arguments.city));
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<policy::PackFile> changed,
      RewriteTaxonomies(files, edition, absl::StrCat(arguments.city, "/industries.textproto")));
  CHANYAN_ASSIGN_OR_RETURN(const auto after, policy::Pack::Parse(With(files, changed)));
  CHANYAN_RETURN_IF_ERROR(CheckCities(arguments, changed));
  const int removed = PrintDifferences(*pack, *after);
  if (removed > 0) {
    std::printf("删除了 %d 个产业：已登记的数据中如有引用，请一并修改。\n", removed);
  }
  if (arguments.dry_run) {
    std::printf("核对通过，没有写入（--dry-run）。\n");
    return absl::OkStatus();
  }
  CHANYAN_RETURN_IF_ERROR(WriteFiles(absl::StrCat(arguments.policies, "/"), changed));
  for (const policy::PackFile& file : changed) std::printf("已写入 %s\n", file.path.c_str());
  std::printf("请把 %s/pack.textproto 的 version（现为 %s）改为新的版本，再重启各服务。\n",
              arguments.city.c_str(), pack->version().c_str());
  if (!Shared(arguments.city, changed).empty()) {
    std::printf("改动了各市共用的文件：其他城市的 pack.textproto 也须改为新的版本。\n");
  }
  return absl::OkStatus();
}

void Print(const absl::Status& status) {
  const auto violations = status::ViolationsOf(status);
  if (violations.empty()) {
    std::fprintf(stderr, "错误：%s\n", std::string(status.message()).c_str());
  }
  for (const status::Violation& one : violations) {
    std::fprintf(stderr, "错误：%s：%s\n", one.field.c_str(), one.description.c_str());
  }
}

int Run(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (absl::string_view(argv[i]) != "--help") continue;
    std::fputs(kUsage, stdout);
    return kDone;
  }
  const absl::StatusOr<Arguments> arguments = Parse(argc, argv);
  if (!arguments.ok()) {
    Print(arguments.status());
    std::fputs(kUsage, stderr);
    return kNotTried;
  }
  const absl::Status done = arguments->is_import ? Import(*arguments) : Export(*arguments);
  if (done.ok()) return kDone;
  Print(done);
  return kWrong;
}

}  // namespace
}  // namespace chanyan::taxonomy

int main(int argc, char** argv) { return chanyan::taxonomy::Run(argc, argv); }
