// What a finished quarter leaves: packages, ledgers and leaderboard as files, all checked, and the
// figures that people ask for. Reads only; the same quarter gives the same bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chanyan/cycle/v1/chain.pb.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/event.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "chanyan/cycle/v1/returning.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "chanyan/pairing/v1/problem.pb.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/plan.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {

// One volume of a unit's packages in one file.
struct Bundle {
  // Last segment of the unit's name.
  std::string unit;
  // From 1.
  int volume = 0;
  // SHA-256 by enterprise.
  std::map<std::string, std::string> packages;
  std::string sha256;
};

// A list that somebody fetched as a workbook.
struct TakenSheet {
  std::string what;
  std::string login;
  // With a value, its titles among them.
  int64_t rows = 0;
};

struct Outcome {
  cycle::v1::Cycle cycle;
  int universities = 0;
  int64_t platforms = 0;
  std::vector<cycle::v1::Package> packages;
  int ledgers = 0;
  cycle::v1::Punctuality punctuality;
  // Without roster_date while there is no roster.
  pairing::v1::Coverage coverage;
  // Rows with an open problem.
  std::vector<cycle::v1::Row> problems;
  // The register's problems that the reports of these rows raised, and others of their projects.
  std::vector<pairing::v1::Problem> registered;
  // In the order of their beginning.
  std::vector<cycle::v1::Event> events;
  // By event, in the order of names.
  std::map<std::string, std::vector<cycle::v1::EventParticipant>> participants;
  std::map<std::string, std::vector<cycle::v1::EventOutcome>> outcomes;
  cycle::v1::EventResults event_results;
  cycle::v1::Leaderboard leaderboard;
  // Published versions that came to the same bytes when they were computed again.
  int replayed = 0;
  // To all versions, in their order, by what they are about.
  std::vector<cycle::v1::Objection> objections;
  // Of each published version.
  std::vector<cycle::v1::ObjectionWindow> windows;
  // Forms of universities that came by leave, and the leaves by which enterprises gave back; by
  // title.
  std::vector<cycle::v1::Form> excepted_forms;
  std::vector<cycle::v1::ReturnException> exceptions;
  // What went back, in the order of time.
  std::vector<cycle::v1::Handover> sent_back;
  // Of the province, in its order.
  std::vector<cycle::v1::ChainCampaign> campaigns;
  std::vector<cycle::v1::ActionTask> tasks;
  cycle::v1::Conservation conservation;
  std::vector<Bundle> bundles;
  // Forms that universities fetched when all was back.
  int forms = 0;
  std::vector<TakenSheet> sheets;
  // Files of universities and enterprises that were refused, and the file that lists them.
  std::vector<Refusal> refused;
  std::string refused_path;
};

// Fetches everything and writes it under `out`: packages/<enterprise>.zip, ledgers/<unit>.xlsx,
// ledgers/secretariat.xlsx, leaderboard.json, leaderboard.xlsx, events.tsv, problems.tsv,
// objections.tsv, windows.tsv, exceptions.tsv, sent_back.tsv, campaigns.tsv, tasks.tsv,
// bundles.tsv, forms/<university>.xlsx, sheets.tsv, summary.json. DATA_LOSS for a package or a
// bundle whose bytes are not what its manifest or the list of packages says, and for a board that
// does not come to the same bytes again.
absl::StatusOr<Outcome> FetchOutcome(const Plan& plan, Accounts& accounts, const Walk& walk,
                                     const std::string& out);

// Checks a package: its own digest, and that of each form in its manifest.
absl::Status CheckPackage(absl::string_view zip, const cycle::v1::Package& package);

// proceedings.cc: what did not go straight on, and what the province asks for; and both in words.
absl::Status FetchProceedings(Caller secretariat, const Walk& walk, Outcome* outcome);
absl::Status WriteProceedings(const Outcome& outcome, const std::string& out);
std::string ProceedingsInWords(const Outcome& outcome);

// sheets.cc: bundles, forms and lists, fetched by those who need them; and in words.
absl::Status FetchTakenAway(const Plan& plan, Accounts& accounts, const Walk& walk,
                            const std::string& out, Outcome* outcome);
std::string TakenAwayInWords(const Outcome& outcome);

// For people, in Chinese. `tried`: files that were refused as the plan expects.
std::string ReportOf(const Outcome& outcome, const std::vector<Refusal>& tried);
// The same figures as JSON with its keys in a fixed order.
std::string SummaryOf(const Outcome& outcome);
// Events, one a line: when and where, who was asked and who came, what came of it.
std::string EventsTsv(const Outcome& outcome);
// Problems, one a line: whose they are, who is at work on them until when, and how far they are.
std::string ProblemsTsv(const Outcome& outcome);

}  // namespace chanyan::quarter
