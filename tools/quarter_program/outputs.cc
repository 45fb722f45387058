#include "tools/quarter_program/outputs.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/sheet/writer.h"
#include "common/status/status.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/parallel.h"
#include "tools/quarter_program/unzip.h"

namespace chanyan::quarter {
namespace {

constexpr char kManifest[] = "manifest.json";

absl::Status Damaged(absl::string_view package, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("企业包 ", package, " ", what));
}

absl::Status FetchPackages(Caller secretariat, const std::string& cycle, const std::string& out,
                           std::vector<cycle::v1::Package>* packages) {
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListPackagesResponse>(
      absl::StrCat("/v1/", cycle, "/packages"), {},
      [&](const cycle::v1::ListPackagesResponse& page) {
        packages->insert(packages->end(), page.packages().begin(), page.packages().end());
      }));
  std::sort(packages->begin(), packages->end(),
            [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return ParallelFor(packages->size(), [&](size_t i) -> absl::Status {
    const cycle::v1::Package& package = (*packages)[i];
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string bytes,
        secretariat.Download(absl::StrCat("/v1/", package.name(), ":download"), {}));
    CHANYAN_RETURN_IF_ERROR(CheckPackage(bytes, package));
    return demo::WriteFile(
        absl::StrCat(out, "/packages/", api::IdOfName(package.enterprise()), ".zip"), bytes);
  });
}

absl::Status FetchLedgers(const Plan& plan, Accounts& accounts, const Walk& walk,
                          const std::string& out, int* count) {
  const std::string path = absl::StrCat("/v1/", walk.cycle_name(), ":exportLedger");
  std::vector<WantedAccount> units;
  for (const WantedAccount& account : plan.accounts) {
    if (account.role == "ROLE_UNIT" && walk.IsRegistered(account.organization)) {
      units.push_back(account);
    }
  }
  CHANYAN_RETURN_IF_ERROR(ParallelFor(units.size(), [&](size_t i) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(
        const std::string bytes,
        accounts.As(units[i].login)
            .Download(path, {{"unit", absl::StrCat("organizations/", units[i].organization)}}));
    return demo::WriteFile(absl::StrCat(out, "/ledgers/", units[i].organization, ".xlsx"), bytes);
  }));
  CHANYAN_ASSIGN_OR_RETURN(const std::string all,
                           accounts.As(plan.LoginOfRole("ROLE_SECRETARIAT")).Download(path, {}));
  *count = static_cast<int>(units.size()) + 1;
  return demo::WriteFile(out + "/ledgers/secretariat.xlsx", all);
}

// The last one that was published.
absl::Status FetchLeaderboard(Caller secretariat, const std::string& cycle,
                              cycle::v1::Leaderboard* published) {
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListLeaderboardsResponse>(
      absl::StrCat("/v1/", cycle, "/leaderboards"), {},
      [&](const cycle::v1::ListLeaderboardsResponse& page) {
        for (const cycle::v1::Leaderboard& one : page.leaderboards()) {
          if (one.state() == cycle::v1::LEADERBOARD_STATE_PUBLISHED) *published = one;
        }
      }));
  if (published->name().empty()) return absl::NotFoundError("没有已发布的榜单");
  return absl::OkStatus();
}

// Without what differs from one database to the next.
absl::StatusOr<std::string> CanonicalJson(cycle::v1::Leaderboard board) {
  board.clear_create_time();
  board.clear_update_time();
  board.clear_etag();
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  const auto done = google::protobuf::util::MessageToJsonString(board, &json, options);
  if (done.ok()) return json;
  return absl::InternalError(std::string(done.message()));
}

absl::StatusOr<std::string> LeaderboardSheet(const cycle::v1::Leaderboard& board) {
  constexpr double kRankWidth = 8, kNameWidth = 50, kTermWidth = 18;
  sheet::Writer writer(
      {.created = absl::FromUnixSeconds(
           google::protobuf::util::TimeUtil::TimestampToSeconds(board.compute_time())),
       .title = "科创平台产学研结对共建新成果和贡献度榜单"});
  for (const cycle::v1::Board& one : board.boards()) {
    sheet::SheetLayout layout;
    layout.columns = {{.width = kRankWidth}, {.width = kNameWidth}, {.width = kRankWidth}};
    const int terms = one.entries().empty() ? 0 : one.entries(0).terms_size();
    layout.columns.resize(layout.columns.size() + terms, {.width = kTermWidth});
    sheet::SheetWriter& sheet = writer.AddSheet(one.title(), layout);
    sheet.TitleRow(one.title());
    sheet.TitleRow(one.formula(), sheet::Look::kWrapped);
    sheet.NewRow();
    for (const char* header : {"名次", "名称", "得分"}) sheet.Text(header, sheet::Look::kHeader);
    for (int i = 0; i < terms; ++i) {
      sheet.Text(one.entries(0).terms(i).label(), sheet::Look::kHeader);
    }
    for (const cycle::v1::LeaderboardEntry& entry : one.entries()) {
      sheet.NewRow();
      sheet.Integer(entry.rank());
      sheet.Text(entry.title());
      sheet.Integer(entry.score());
      for (const cycle::v1::LeaderboardTerm& term : entry.terms()) {
        sheet.Text(absl::StrCat(term.counted(), " × ", term.points(), " = ", term.score()));
      }
    }
  }
  return std::move(writer).Finish();
}

// Who was asked to each event, and what came of it.
absl::Status FetchCourseOfEvents(Caller secretariat, Outcome* outcome) {
  const auto by_name = [](const auto& a, const auto& b) { return a.name() < b.name(); };
  std::sort(outcome->events.begin(), outcome->events.end(), [](const auto& a, const auto& b) {
    return std::pair(a.start_time().seconds(), a.name()) <
           std::pair(b.start_time().seconds(), b.name());
  });
  for (const cycle::v1::Event& event : outcome->events) {
    auto& participants = outcome->participants[event.name()];
    CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListEventParticipantsResponse>(
        absl::StrCat("/v1/", event.name(), "/participants"), {},
        [&](const cycle::v1::ListEventParticipantsResponse& page) {
          participants.insert(participants.end(), page.participants().begin(),
                              page.participants().end());
        }));
    std::sort(participants.begin(), participants.end(), by_name);
    auto& outcomes = outcome->outcomes[event.name()];
    CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListEventOutcomesResponse>(
        absl::StrCat("/v1/", event.name(), "/outcomes"), {},
        [&](const cycle::v1::ListEventOutcomesResponse& page) {
          outcomes.insert(outcomes.end(), page.outcomes().begin(), page.outcomes().end());
        }));
    // Their ids are of chance.
    std::sort(outcomes.begin(), outcomes.end(),
              [](const auto& a, const auto& b) { return a.title() < b.title(); });
  }
  return absl::OkStatus();
}

absl::Status FetchFigures(Caller secretariat, const Walk& walk, Outcome* outcome) {
  const std::string path = absl::StrCat("/v1/", walk.cycle_name());
  CHANYAN_RETURN_IF_ERROR(secretariat.Get(path, {}, &outcome->cycle));
  CHANYAN_RETURN_IF_ERROR(secretariat.Get(path + ":queryPunctuality", {}, &outcome->punctuality));
  CHANYAN_RETURN_IF_ERROR(secretariat.Get(path + ":checkConservation", {}, &outcome->conservation));
  const absl::Status covered = secretariat.Get(
      "/v1/coverage", {{"roster", walk.roster_name()}, {"group_by", "COVERAGE_GROUPING_ZONE"}},
      &outcome->coverage);
  // Without a roster nobody knows of how many.
  const bool no_roster =
      absl::IsNotFound(covered) && walk.refusals().Has(ListFile(BrokenList::kRoster));
  if (!covered.ok() && !no_roster) return covered;
  CHANYAN_RETURN_IF_ERROR(secretariat.List<registry::v1::ListPlatformsResponse>(
      "/v1/organizations/-/platforms", {{"filter", "state = PUBLISHED"}},
      [&](const registry::v1::ListPlatformsResponse& page) {
        outcome->platforms += page.platforms_size();
      }));
  CHANYAN_RETURN_IF_ERROR(secretariat.List<cycle::v1::ListEventsResponse>(
      path + "/events", {}, [&](const cycle::v1::ListEventsResponse& page) {
        outcome->events.insert(outcome->events.end(), page.events().begin(), page.events().end());
      }));
  CHANYAN_RETURN_IF_ERROR(
      secretariat.Get(path + ":queryEventResults", {}, &outcome->event_results));
  CHANYAN_RETURN_IF_ERROR(FetchCourseOfEvents(secretariat, outcome));
  CHANYAN_RETURN_IF_ERROR(secretariat.List<pairing::v1::ListProblemsResponse>(
      "/v1/projects/-/problems", {}, [&](const pairing::v1::ListProblemsResponse& page) {
        outcome->registered.insert(outcome->registered.end(), page.problems().begin(),
                                   page.problems().end());
      }));
  return secretariat.List<cycle::v1::ListRowsResponse>(
      path + "/forms/-/rows", {}, [&](const cycle::v1::ListRowsResponse& page) {
        for (const cycle::v1::Row& row : page.rows()) {
          if (!row.problem().empty()) outcome->problems.push_back(row);
        }
      });
}

// What an earlier run left there is not taken for this one's.
void Clear(const std::string& out) {
  for (const char* folder : {"/packages", "/ledgers", "/forms"}) {
    std::error_code ignored;
    std::filesystem::remove_all(out + folder, ignored);
  }
}

}  // namespace

absl::Status CheckPackage(absl::string_view zip, const cycle::v1::Package& package) {
  if (api::Sha256Hex(zip) != package.sha256()) {
    return Damaged(package.enterprise_title(), "的内容和登记的 SHA-256 不一致");
  }
  CHANYAN_ASSIGN_OR_RETURN(const auto entries, Unzip(zip));
  const auto manifest = entries.find(kManifest);
  google::protobuf::Struct listed;
  if (manifest == entries.end() || !FromJson(manifest->second, &listed).ok()) {
    return Damaged(package.enterprise_title(), "没有清单 manifest.json");
  }
  const auto& forms = (*listed.mutable_fields())["forms"].list_value().values();
  for (const google::protobuf::Value& form : forms) {
    auto fields = form.struct_value().fields();
    const auto entry = entries.find(fields["file"].string_value());
    if (entry == entries.end() ||
        api::Sha256Hex(entry->second) != fields["sha256"].string_value()) {
      return Damaged(package.enterprise_title(),
                     absl::StrCat("中 ", fields["file"].string_value(), " 和清单不一致"));
    }
  }
  if (forms.size() + 1 != static_cast<int>(entries.size()) ||
      forms.size() != package.form_count()) {
    return Damaged(package.enterprise_title(), "中的报表数和清单不一致");
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> FetchOutcome(const Plan& plan, Accounts& accounts, const Walk& walk,
                                     const std::string& out) {
  Outcome outcome;
  Caller secretariat = accounts.As(plan.LoginOfRole("ROLE_SECRETARIAT"));
  Clear(out);
  CHANYAN_RETURN_IF_ERROR(FetchFigures(secretariat, walk, &outcome));
  outcome.universities = outcome.punctuality.universities().expected();
  CHANYAN_RETURN_IF_ERROR(FetchPackages(secretariat, walk.cycle_name(), out, &outcome.packages));
  CHANYAN_RETURN_IF_ERROR(FetchLedgers(plan, accounts, walk, out, &outcome.ledgers));
  CHANYAN_RETURN_IF_ERROR(FetchLeaderboard(secretariat, walk.cycle_name(), &outcome.leaderboard));
  CHANYAN_RETURN_IF_ERROR(FetchProceedings(secretariat, walk, &outcome));
  CHANYAN_RETURN_IF_ERROR(FetchTakenAway(plan, accounts, walk, out, &outcome));
  CHANYAN_ASSIGN_OR_RETURN(const std::string json, CanonicalJson(outcome.leaderboard));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/leaderboard.json", json));
  CHANYAN_ASSIGN_OR_RETURN(const std::string sheet, LeaderboardSheet(outcome.leaderboard));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/leaderboard.xlsx", sheet));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/events.tsv", EventsTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/problems.tsv", ProblemsTsv(outcome)));
  CHANYAN_RETURN_IF_ERROR(WriteProceedings(outcome, out));
  outcome.refused = walk.refusals().Unreported();
  outcome.refused_path = walk.refusals().path();
  CHANYAN_RETURN_IF_ERROR(demo::WriteFile(out + "/summary.json", SummaryOf(outcome)));
  return outcome;
}

}  // namespace chanyan::quarter
