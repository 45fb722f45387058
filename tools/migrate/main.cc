// Brings a schema up to date.
//   chanyan-migrate --db=mysql://user@host/schema?… [--create] --component=name:dir …
// Components are applied in the order given. Ends with 0 if the schema is up to date.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/db/migrate.h"
#include "common/status/status.h"

namespace chanyan {
namespace {

constexpr char kUsage[] =
    "用法：chanyan-migrate --db=mysql://用户@主机/库[?选项] [--create] --component=组件:目录 …\n"
    "  --create     库不存在时先创建\n"
    "  --component  可重复，按给出的顺序执行，例如 common:common/db/migrations\n";

struct Arguments {
  db::Config config;
  db::MigrateOptions options;
  std::vector<db::Component> components;
};

absl::StatusOr<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  bool has_db = false;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--create") {
      arguments.options.create = true;
    } else if (absl::ConsumePrefix(&argument, "--db=")) {
      CHANYAN_ASSIGN_OR_RETURN(arguments.config, db::Config::FromUrl(argument));
      has_db = true;
    } else if (absl::ConsumePrefix(&argument, "--component=")) {
      CHANYAN_ASSIGN_OR_RETURN(db::Component component, db::Component::Parse(argument));
      arguments.components.push_back(std::move(component));
    } else {
      return status::InvalidField(argument, "未知的参数");
    }
  }
  if (!has_db || arguments.components.empty()) {
    return status::InvalidField("", "缺少 --db 或 --component");
  }
  return arguments;
}

int Main(int argc, char** argv) {
  if (argc == 2 && absl::string_view(argv[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  const absl::StatusOr<Arguments> arguments = Parse(argc, argv);
  if (!arguments.ok()) {
    // The reason comes last: callers show the last line.
    std::fprintf(stderr, "%s%s\n", kUsage, std::string(arguments.status().message()).c_str());
    return 2;
  }
  const absl::StatusOr<std::vector<db::Applied>> applied =
      db::Migrate(arguments->config, arguments->components, arguments->options);
  if (!applied.ok()) {
    std::fprintf(stderr, "%s\n", std::string(applied.status().message()).c_str());
    return 1;
  }
  for (const db::Applied& one : *applied) {
    std::printf("已应用 %s %s（%d 条语句）\n", one.component.c_str(), one.file.c_str(),
                one.statements);
  }
  if (applied->empty()) {
    std::puts("库结构已是最新");
  }
  return 0;
}

}  // namespace
}  // namespace chanyan

int main(int argc, char** argv) { return chanyan::Main(argc, argv); }
