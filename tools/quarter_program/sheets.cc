// What units, universities and offices take away besides packages and ledgers: a unit's packages in
// one file, forms as they came back, and lists as workbooks (CYC-3, CYC-4, CYC-6 to CYC-8).
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/sheet/workbook.h"
#include "common/status/status.h"
#include "google/protobuf/struct.pb.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/outputs.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/unzip.h"

namespace chanyan::quarter {
namespace {

absl::Status BadBundle(const std::string& unit, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("责任单位 ", unit, " 的合包", what));
}

// One volume as it says of itself; `volumes` becomes how many there are.
absl::StatusOr<Bundle> ReadBundle(const std::string& unit, int volume, const std::string& bytes,
                                  int* volumes) {
  CHANYAN_ASSIGN_OR_RETURN(const auto entries, Unzip(bytes));
  const auto manifest = entries.find("manifest.json");
  google::protobuf::Struct listed;
  if (manifest == entries.end() || !FromJson(manifest->second, &listed).ok()) {
    return BadBundle(unit, "没有清单 manifest.json");
  }
  *volumes = static_cast<int>((*listed.mutable_fields())["parts"].number_value());
  Bundle bundle{.unit = unit, .volume = volume, .packages = {}, .sha256 = api::Sha256Hex(bytes)};
  const auto& packages = (*listed.mutable_fields())["packages"].list_value().values();
  for (const google::protobuf::Value& one : packages) {
    auto fields = one.struct_value().fields();
    const std::string& sha256 = fields["sha256"].string_value();
    const auto entry = entries.find(fields["file"].string_value());
    if (entry == entries.end() || api::Sha256Hex(entry->second) != sha256) {
      return BadBundle(unit, absl::StrCat("中 ", fields["file"].string_value(), " 和清单不一致"));
    }
    bundle.packages[fields["enterprise"].string_value()] = sha256;
  }
  if (bundle.packages.size() + 1 != entries.size())
    return BadBundle(unit, "中的文件数和清单不一致");
  return bundle;
}

absl::StatusOr<std::vector<Bundle>> FetchVolumes(Caller caller, const std::string& cycle,
                                                 const std::string& unit) {
  std::vector<Bundle> bundles;
  int volumes = 1;
  for (int volume = 1; volume <= volumes; ++volume) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                             caller.Download(absl::StrCat("/v1/", cycle, ":downloadBundle"),
                                             {{"part", absl::StrCat(volume)}}));
    CHANYAN_ASSIGN_OR_RETURN(Bundle bundle, ReadBundle(unit, volume, bytes, &volumes));
    bundles.push_back(std::move(bundle));
  }
  return bundles;
}

// Each unit's, by itself: all of its packages are there, as they were handed in.
absl::Status FetchBundles(const Plan& plan, Accounts& accounts, const Walk& walk,
                          Outcome* outcome) {
  std::map<std::string, std::map<std::string, std::string>> packed;
  for (const cycle::v1::Package& package : outcome->packages) {
    if (!package.superseded_by().empty()) continue;
    packed[std::string(api::IdOfName(package.unit()))][package.enterprise()] = package.sha256();
  }
  const std::vector<std::pair<std::string, std::map<std::string, std::string>>> units(
      packed.begin(), packed.end());
  std::vector<std::vector<Bundle>> fetched(units.size());
  CHANYAN_RETURN_IF_ERROR(ParallelFor(units.size(), [&](size_t i) -> absl::Status {
    const std::string& unit = units[i].first;
    const std::string login = plan.LoginOf(unit, "ROLE_UNIT");
    // One that got the enterprise from another has no account in the plan.
    if (login.empty()) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(fetched[i], FetchVolumes(accounts.As(login), walk.cycle_name(), unit));
    std::map<std::string, std::string> found;
    for (const Bundle& bundle : fetched[i]) {
      found.insert(bundle.packages.begin(), bundle.packages.end());
    }
    return found == units[i].second ? absl::OkStatus() : BadBundle(unit, "和登记的企业包不一致");
  }));
  for (std::vector<Bundle>& its : fetched) {
    for (Bundle& bundle : its) outcome->bundles.push_back(std::move(bundle));
  }
  return absl::OkStatus();
}

// Forms depend on their rows alone, so that they are the same bytes in each run.
absl::Status FetchForms(const Plan& plan, Accounts& accounts, const Walk& walk,
                        const std::string& out, Outcome* outcome) {
  std::vector<std::string> universities;
  CHANYAN_RETURN_IF_ERROR(accounts.As(plan.LoginOfRole("ROLE_SECRETARIAT"))
                              .List<cycle::v1::ListFormsResponse>(
                                  absl::StrCat("/v1/", walk.cycle_name(), "/forms"), {},
                                  [&](const cycle::v1::ListFormsResponse& page) {
                                    for (const cycle::v1::Form& form : page.forms()) {
                                      universities.emplace_back(api::IdOfName(form.name()));
                                    }
                                  }));
  outcome->forms = static_cast<int>(universities.size());
  return ParallelFor(universities.size(), [&](size_t i) -> absl::Status {
    const std::string& university = universities[i];
    const std::string own = plan.LoginOf(university, "ROLE_RESEARCH_OFFICE");
    const std::string login = own.empty() ? plan.LoginOfRole("ROLE_SECRETARIAT") : own;
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string bytes,
        accounts.As(login).Download(
            absl::StrCat("/v1/", walk.cycle_name(), "/forms/", university, ":export"), {}));
    return demo::WriteFile(absl::StrCat(out, "/forms/", university, ".xlsx"), bytes);
  });
}

// Lists bear the hour at which they were fetched: how many lines they have is kept, not their
// bytes.
absl::Status FetchSheet(Accounts& accounts, const std::string& login, const std::string& what,
                        const std::string& path, Outcome* outcome) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, accounts.As(login).Download(path, {}));
  CHANYAN_ASSIGN_OR_RETURN(const sheet::Workbook book, sheet::ReadWorkbook(bytes, what));
  const sheet::Sheet* shown = book.FirstVisible();
  if (shown == nullptr || shown->rows.empty()) {
    return absl::DataLossError(absl::StrCat("下载的“", what, "”没有内容"));
  }
  outcome->sheets.push_back({what, login, static_cast<int64_t>(shown->rows.size())});
  return absl::OkStatus();
}

absl::Status FetchSheets(const Plan& plan, Accounts& accounts, const Walk& walk, Outcome* outcome) {
  const std::string office = plan.LoginOfRole("ROLE_SECRETARIAT");
  const std::string cycle = absl::StrCat("/v1/", walk.cycle_name());
  const auto fetch = [&](const std::string& login, const std::string& what,
                         const std::string& path) {
    return FetchSheet(accounts, login, what, path, outcome);
  };
  CHANYAN_RETURN_IF_ERROR(fetch(office, "期限表", cycle + ":exportDeadlines"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "守恒核验表", cycle + ":exportConservation"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "按时报送情况", cycle + ":exportPunctuality"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "争议台账", cycle + "/disputes:export"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "企业逾期补报许可", cycle + "/returnExceptions:export"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "产业链活动安排表", "/v1/chainCampaigns:export"));
  CHANYAN_RETURN_IF_ERROR(fetch(office, "工作任务清单", "/v1/actionTasks:export"));
  for (const cycle::v1::Event& event : outcome->events) {
    CHANYAN_RETURN_IF_ERROR(fetch(office, absl::StrCat(event.title(), "参会名单"),
                                  absl::StrCat("/v1/", event.name(), "/participants:export")));
  }
  for (const cycle::v1::ObjectionWindow& window : outcome->windows) {
    CHANYAN_RETURN_IF_ERROR(fetch(office, absl::StrCat("异议台账 ", api::IdOfName(window.name())),
                                  absl::StrCat("/v1/", window.name(), "/objections:export")));
  }
  cycle::v1::ListDisputesResponse disputes;
  CHANYAN_RETURN_IF_ERROR(accounts.As(office).Get(cycle + "/disputes", {}, &disputes));
  for (const cycle::v1::RowDispute& dispute : disputes.disputes()) {
    CHANYAN_RETURN_IF_ERROR(fetch(office, absl::StrCat("溯源记录：", dispute.row_title()),
                                  absl::StrCat("/v1/", dispute.form_row(), ":exportTrace")));
  }
  // The first university takes its own hand-overs away.
  for (const WantedAccount& account : plan.accounts) {
    if (account.role != "ROLE_RESEARCH_OFFICE" || !walk.IsRegistered(account.organization)) {
      continue;
    }
    CHANYAN_RETURN_IF_ERROR(fetch(account.login, "交接记录", cycle + "/handovers:export"));
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FetchTakenAway(const Plan& plan, Accounts& accounts, const Walk& walk,
                            const std::string& out, Outcome* outcome) {
  CHANYAN_RETURN_IF_ERROR(FetchBundles(plan, accounts, walk, outcome));
  CHANYAN_RETURN_IF_ERROR(FetchForms(plan, accounts, walk, out, outcome));
  CHANYAN_RETURN_IF_ERROR(FetchSheets(plan, accounts, walk, outcome));
  std::string bundles = demo::TsvLine({"unit", "volume", "packages", "sha256"});
  for (const Bundle& one : outcome->bundles) {
    bundles += demo::TsvLine(
        {one.unit, absl::StrCat(one.volume), absl::StrCat(one.packages.size()), one.sha256});
  }
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/bundles.tsv", bundles));
  std::string sheets = demo::TsvLine({"sheet", "login", "rows"});
  for (const TakenSheet& one : outcome->sheets) {
    sheets += demo::TsvLine({one.what, one.login, absl::StrCat(one.rows)});
  }
  return demo::WriteFile(out + "/sheets.tsv", sheets);
}

std::string TakenAwayInWords(const Outcome& outcome) {
  return absl::StrCat("责任单位合包 ", outcome.bundles.size(),
                      " 个，逐包核对一致，列在 bundles.tsv；"
                      "高校院所下载返回的报表 ",
                      outcome.forms, " 张，各方下载表格 ", outcome.sheets.size(),
                      " 份，行数列在 sheets.tsv\n");
}

}  // namespace chanyan::quarter
