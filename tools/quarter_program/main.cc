// Walks one quarter end to end through the gateway, as the actors would.
//   chanyan-quarter 2025q2 --in=DIR --out=DIR --gateway=http://HOST:PORT --accounts=FILE
// Of a city that has no quarterly forms it does what plan/records.tsv says and nothing else:
//   chanyan-quarter records --in=DIR …
// What was made goes to stdout, progress to stderr; the last line there says why it failed, or how
// many files were refused.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/api.h"
#include "tools/quarter_program/consortia.h"
#include "tools/quarter_program/consortia_plan.h"
#include "tools/quarter_program/month.h"
#include "tools/quarter_program/outputs.h"
#include "tools/quarter_program/plan.h"
#include "tools/quarter_program/records.h"
#include "tools/quarter_program/walk.h"

ABSL_FLAG(std::string, in, "", "input directory, see deploy/demo/qingdao/README.md");
ABSL_FLAG(std::string, out, "", "directory for packages, ledgers, leaderboard and summary");
ABSL_FLAG(std::string, gateway, "http://127.0.0.1:8080", "the gateway's URL");
ABSL_FLAG(std::string, accounts, "accounts.json", "accounts and their passwords, mode 0600");
ABSL_FLAG(std::string, admin_password_file, "",
          "first password of the administrator; default: secrets/administrator.password beside "
          "--accounts");

namespace chanyan::quarter {
namespace {

constexpr char kUsage[] =
    "走完一个季度：chanyan-quarter 2025q2 --in 输入目录 --out 输出目录\n"
    "退出码：0 全部办完；3 有文件被拒绝（列在输出目录的 "
    "refused.tsv，所在单位计为未报送），其余办完，"
    "改好后用同一命令重新运行即可补报；1 未办完，最后一行写明原因。";
constexpr int kFilesRefused = 3;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string FirstPasswordFile(const std::string& accounts) {
  const std::string file = absl::GetFlag(FLAGS_admin_password_file);
  return file.empty() ? absl::StrCat(FolderOf(accounts), "/secrets/administrator.password") : file;
}

absl::Status RunRecords(const std::string& in, const std::string& out) {
  CHANYAN_ASSIGN_OR_RETURN(const demo::Endpoint endpoint,
                           demo::ParseEndpoint(absl::GetFlag(FLAGS_gateway)));
  CHANYAN_ASSIGN_OR_RETURN(const Plan plan, LoadRecordsPlan(in));
  const std::string path = absl::GetFlag(FLAGS_accounts);
  Api api(endpoint);
  Accounts accounts(api, path, FirstPasswordFile(path));
  CHANYAN_RETURN_IF_ERROR(accounts.Prepare(plan.accounts));
  Records records(plan, plan.records, accounts, out + "/records.tsv");
  CHANYAN_RETURN_IF_ERROR(records.Run());
  std::printf("%s\n", records.InWords().c_str());
  return absl::OkStatus();
}

// What is done beside the quarter, once everybody is registered; the same in words. `played`: the
// quarter was over before, so that this was done, too.
absl::StatusOr<std::string> RunBeside(const Plan& plan, const ConsortiaPlan& consortia_plan,
                                      Accounts& accounts, bool played, const std::string& out) {
  std::string words;
  Records records(plan, plan.records, accounts, out + "/records.tsv");
  CHANYAN_RETURN_IF_ERROR(records.Run(played));
  if (!plan.records.empty()) absl::StrAppend(&words, "项目档案：", records.InWords(), "\n");
  Records chain(plan, plan.chain, accounts, out + "/chain.tsv");
  CHANYAN_RETURN_IF_ERROR(chain.Run(played));
  Month month(plan, accounts, out + "/triage.tsv");
  CHANYAN_RETURN_IF_ERROR(month.Run(played));
  if (!plan.triage.empty()) absl::StrAppend(&words, month.InWords());
  Consortia consortia(consortia_plan, accounts, plan.LoginOfRole("ROLE_SECRETARIAT"));
  CHANYAN_RETURN_IF_ERROR(consortia.Run());
  return absl::StrCat(words, consortia.InWords());
}

// The exit code.
absl::StatusOr<int> Run(const std::vector<char*>& words) {
  if (words.size() != 2) {
    return status::InvalidField("quarter",
                                "用法：chanyan-quarter 2025q2 --in 输入目录 --out 输出目录");
  }
  const std::string out = absl::GetFlag(FLAGS_out);
  if (absl::GetFlag(FLAGS_in).empty() || out.empty()) {
    return status::InvalidField("--in, --out", "请写明输入目录和输出目录");
  }
  if (absl::string_view(words[1]) == "records") {
    CHANYAN_RETURN_IF_ERROR(RunRecords(absl::GetFlag(FLAGS_in), out));
    return 0;
  }
  CHANYAN_ASSIGN_OR_RETURN(const time::Quarter quarter, time::Quarter::Parse(words[1]));
  CHANYAN_ASSIGN_OR_RETURN(const demo::Endpoint endpoint,
                           demo::ParseEndpoint(absl::GetFlag(FLAGS_gateway)));
  CHANYAN_ASSIGN_OR_RETURN(const Plan plan, LoadPlan(absl::GetFlag(FLAGS_in)));
  const std::string path = absl::GetFlag(FLAGS_accounts);
  Api api(endpoint);
  Accounts accounts(api, path, FirstPasswordFile(path));
  std::vector<WantedAccount> wanted = plan.accounts;
  wanted.insert(wanted.end(), plan.triage_accounts.begin(), plan.triage_accounts.end());
  CHANYAN_ASSIGN_OR_RETURN(const ConsortiaPlan consortia_plan,
                           LoadConsortiaPlan(absl::GetFlag(FLAGS_in)));
  for (WantedAccount& account : ManagersOfParts(plan)) wanted.push_back(std::move(account));
  for (WantedAccount& account : consortia_plan.Accounts()) wanted.push_back(std::move(account));
  Say(absl::StrCat("准备账号 ", wanted.size() + 1, " 个"));
  CHANYAN_RETURN_IF_ERROR(accounts.Prepare(wanted));
  Walk walk({plan, accounts, out + "/refused.tsv"}, quarter);
  CHANYAN_RETURN_IF_ERROR(walk.Run());
  std::string beside;
  if (walk.refusals().Lists() > 0) {
    Say("有名录被拒绝，项目档案、成果转化和创新联合体待名录更正后办理");
  } else {
    CHANYAN_ASSIGN_OR_RETURN(beside,
                             RunBeside(plan, consortia_plan, accounts, walk.WasOver(), out));
  }
  Say("取回企业包、管理台账和榜单，逐个核对");
  CHANYAN_ASSIGN_OR_RETURN(const Outcome outcome, FetchOutcome(plan, accounts, walk, out));
  std::fputs(ReportOf(outcome, walk.refusals().Tried()).c_str(), stdout);
  std::fputs(beside.c_str(), stdout);
  // Of what an earlier run did nothing is said here.
  if (walk.operations() > 0) std::printf("后台办理 %d 项，均已完成\n", walk.operations());
  if (!outcome.conservation.conserved()) return absl::DataLossError("报表行不守恒，见上");
  if (outcome.refused.empty()) return 0;
  std::fflush(stdout);
  const int lists = walk.refusals().Lists();
  Say(absl::StrCat("有 ", outcome.refused.size(), " 个文件被拒绝，",
                   lists == 0 ? "" : absl::StrCat("其中名录 ", lists, " 份，"),
                   "所在单位计为未报送，其余已办完；见 ", outcome.refused_path,
                   "，改好后用同一命令重新运行"));
  return kFilesRefused;
}

}  // namespace
}  // namespace chanyan::quarter

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(chanyan::quarter::kUsage);
  const absl::StatusOr<int> run = chanyan::quarter::Run(absl::ParseCommandLine(argc, argv));
  if (run.ok()) return *run;
  const absl::Status& done = run.status();
  // The reason comes last, in one line.
  for (const auto& violation : chanyan::status::ViolationsOf(done)) {
    std::fprintf(stderr, "  %s：%s\n", violation.field.c_str(), violation.description.c_str());
  }
  std::fprintf(stderr, "%s\n", std::string(done.message()).c_str());
  return 1;
}
