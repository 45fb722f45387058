// What comes of some projects beside their forms (PAIR-2, PAIR-5, PAIR-7, REG-2, REG-4): contacts,
// problems, outcomes, a booking, an attachment, a revision — done by the actors' own accounts, one
// call after the other, as plan/records.tsv lists them (deploy/demo/qingdao/README.md); and in the
// same way a month of triage (TRI-1 to TRI-9), as plan/triage.tsv does.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/plan.h"

namespace chanyan::quarter {

class Records {
 public:
  // `done_path` keeps what was asked and what it made: an act is done once, whatever day a later
  // run has, and one that was cut short asks with the same words again. If it is lost, the suite
  // answers the same words as before, and what was asked with another day's is found by what it is.
  // `plan` and `acts`, which are part of it, must outlive it.
  Records(const Plan& plan, const std::vector<RecordPlan>& acts, Accounts& accounts,
          std::string done_path)
      : plan_(plan), acts_(acts), accounts_(accounts), done_path_(std::move(done_path)) {}

  // `played` says that the suite has seen the acts through before. If the notes of that are lost,
  // what could not be done then is not done now, when what it was to be done to has gone on.
  absl::Status Run(bool played = false);

  // How many of each there are, in words; empty if there are none.
  std::string InWords() const;

 private:
  // One project and what an act may name of it.
  struct Scene {
    pairing::v1::Project project;
    // The first that is open to bookings; empty if the university has none.
    std::string instrument;
  };
  struct Done {
    std::string body;
    // Empty while it is being done; "-" if it could not be.
    std::string name;
  };

  void Recall();
  absl::Status Keep() const;
  absl::Status ChooseScenes();
  // The text with its {…} filled in; empty if it names an act that could not be done.
  absl::StatusOr<std::string> Filled(const RecordPlan& act, absl::string_view text);
  absl::StatusOr<std::string> Meaning(const RecordPlan& act, absl::string_view word);
  // What a word means of the act's project; empty if nothing.
  absl::StatusOr<std::string> MeaningInScene(const RecordPlan& act, absl::string_view word);
  // outreaches/{…} of the `number`-th enterprise of the act's unit that has no platform, from 1.
  absl::StatusOr<std::string> OutreachOf(const RecordPlan& act, absl::string_view number);
  // What has this name in the lists that the secretariat sees: organizations or platforms.
  absl::StatusOr<std::string> Called(const RecordPlan& act, absl::string_view collection,
                                     absl::string_view title);
  // The push of a result to the organization that the act is done by.
  absl::StatusOr<std::string> PushOf(const RecordPlan& act, const std::string& result);
  absl::StatusOr<Caller> Actor(const RecordPlan& act);
  absl::Status Do(const RecordPlan& act);
  absl::StatusOr<std::string> Ask(const RecordPlan& act, const std::string& target,
                                  const std::string& body);
  // What is found, which must be something: "list/number".
  absl::StatusOr<std::string> Look(const RecordPlan& act, const std::string& target);
  // What the act made in an earlier run whose notes are lost, found by what it is; NOT_FOUND if it
  // is not there.
  absl::StatusOr<std::string> FindAgain(const RecordPlan& act, const std::string& path,
                                        const std::string& body);

  const Plan& plan_;
  const std::vector<RecordPlan>& acts_;
  Accounts& accounts_;
  const std::string done_path_;
  // By the act's key.
  std::map<std::string, Done> done_;
  // Played before, and nothing is known of it.
  bool lost_ = false;
  std::vector<Scene> scenes_;
};

}  // namespace chanyan::quarter
