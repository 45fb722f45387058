// Innovation consortia of the demonstration (CON-1 to CON-9), each taken as far as
// plan/consortia.tsv says, by the accounts of those whose step it is.
//
// What there is already is found by its title, and its state says what is left to do: a run that
// was cut short goes on, and one after it does nothing. What went further than the plan, by itself
// or by somebody's hand, is left alone.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/consortium/v1/consortium.pb.h"
#include "chanyan/consortium/v1/construction.pb.h"
#include "google/protobuf/message.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/consortia_plan.h"

namespace chanyan::quarter {

// Of the bureau, for enterprises of new and high technology.
inline constexpr char kOffice[] = "qdst-gx";

class Consortia {
 public:
  // `secretariat` is the login that keeps the directory. `plan` must outlive it.
  Consortia(const ConsortiaPlan& plan, Accounts& accounts, std::string secretariat)
      : plan_(plan), accounts_(accounts), secretariat_(std::move(secretariat)) {}

  absl::Status Run();

  // Figures and where to look, a few lines; empty without a plan.
  const std::string& InWords() const { return words_; }

 private:
  using Row = consortium::v1::Consortium;

  // consortia.cc: the way to the filing.
  absl::Status AddUnits();
  absl::Status AddExperts();
  // Puts the clock back to the spring of 2025, before the first dossier.
  absl::Status BeginBackfill();
  // Moves it beyond the last notice of those that are to be filed, and waits for their filing.
  absl::Status FileThem();
  absl::Status AdvanceTo(absl::Time time);
  absl::StatusOr<absl::Time> Now();
  absl::StatusOr<Row> Find(const ConsortiumPlan& one);
  absl::Status Take(const ConsortiumPlan& one);
  // One step towards the target; false if there is none.
  absl::StatusOr<bool> StepOn(const ConsortiumPlan& one, const Row& row);
  absl::Status Create(const ConsortiumPlan& one);
  absl::Status Complete(const ConsortiumPlan& one, const Row& row);
  // Lead and members, as organizations/{organization}.
  std::vector<std::string> Parties(const ConsortiumPlan& one) const;
  absl::Status Count();

  // consortia_review.cc: experts and meetings.
  absl::Status Review(const Row& row, absl::string_view sheet, bool whole);
  absl::Status Score(const std::string& expert, const std::string& panel, absl::string_view sheet,
                     bool hand_in);
  absl::Status Meet(const Row& row, absl::string_view kind, bool record);
  absl::Status Object(const Row& row, bool uphold);

  // consortia_after.cc: after the filing.
  absl::Status GoOn(const ConsortiumPlan& one, const Row& row);
  // Moves the clock on to the first period that is reported of, and takes the report of the one
  // that is filed to its acceptance. Nothing where others are under way, whose terms would run out.
  absl::Status ReportProgress();
  // Whether what was filed is as it was then, and nothing else was begun.
  absl::StatusOr<bool> IsJustFiled();
  // One without a name if none is asked for in time.
  absl::StatusOr<consortium::v1::ConstructionReport> AwaitReport(const std::string& path,
                                                                 absl::Duration patience);
  absl::Status Support(const Row& row);
  absl::Status Evaluate(const Row& row, int points);
  absl::Status Supplement(const ConsortiumPlan& one, const Row& row);
  absl::Status RemoveLead(const ConsortiumPlan& one, const Row& row);
  absl::Status Dissolve(const ConsortiumPlan& one, const Row& row);

  // Calls with a body of JSON.
  absl::Status Post(const std::string& login, const std::string& path, const std::string& body,
                    google::protobuf::Message* reply = nullptr);
  absl::Status Patch(const std::string& login, const std::string& path, const std::string& mask,
                     const std::string& body, google::protobuf::Message* reply);
  // An agreement of a dossier as a .docx; the attachment's name.
  absl::StatusOr<std::string> Attach(const std::string& login, const Row& row,
                                     absl::string_view kind, absl::string_view title);

  const ConsortiaPlan& plan_;
  Accounts& accounts_;
  const std::string secretariat_;
  std::string words_;
};

}  // namespace chanyan::quarter
