// The six steps of one quarter (S0 二), done as the actors would, on a rehearsal's clock.
//
// Where the cycle stands says what is left to do: a walk that was cut short goes on where it
// stopped, and one that is finished does nothing.
#pragma once

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/part.pb.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "chanyan/pairing/v1/pairing.pb.h"
#include "common/time/civil.h"
#include "tools/quarter_program/accounts.h"
#include "tools/quarter_program/plan.h"
#include "tools/quarter_program/refusals.h"

namespace chanyan::quarter {

// When people come to their desks, behind the start of a day.
inline constexpr absl::Duration kMorning = absl::Hours(9);

class Walk {
 public:
  struct Deps {
    const Plan& plan;
    Accounts& accounts;
    // Where the refusals of files are kept for later runs.
    std::string refused_path;
  };
  Walk(Deps deps, time::Quarter quarter);

  // From the import of the lists to the published leaderboard and the end of the sixth week. A list
  // or a form that is refused stops nothing but what would have been done with it; what an earlier
  // run refused is taken once it is mended: lists first, forms at the end.
  absl::Status Run();

  // "cycles/2025q2", "rosters/2025-04-01".
  const std::string& cycle_name() const { return name_; }
  const std::string& roster_name() const { return roster_; }
  // Of this run and those before.
  const Refusals& refusals() const { return refusals_; }
  // Whether an organization of the plan (last segment of its name) is in the register.
  bool IsRegistered(absl::string_view organization) const;
  // Whether the quarter was over when this run began.
  bool WasOver() const { return was_over_; }
  // Operations that this run waited for.
  int operations() const { return operations_; }

 private:
  Caller Secretariat();
  Caller University(const std::string& id);
  Caller Unit(const std::string& id);

  // Logins of a role whose organizations are registered.
  std::vector<std::string> Logins(absl::string_view role) const;

  // lists.cc
  // All lists of the input, or those that an earlier run refused. One that is not good is refused
  // as a whole, and the others are imported.
  absl::Status ImportLists(bool only_refused);
  // Of the `number`-th list.
  absl::Status ImportList(size_t number);
  // FAILED_PRECONDITION that says what to do, if a list is refused without which there is nothing
  // to walk with.
  absl::Status RequireABeginning();
  // Who is registered and which universities have a form; the forms of others are refused.
  absl::Status SeeWhoIsThere();
  bool HasForm(absl::string_view university) const;
  // Whoever the plan has report.
  bool EverybodyIsThere() const;
  // What an enterprise sent that is not registered.
  std::vector<Refusal> RefusedOfStranger(const ReturnPlan& plan) const;
  absl::Status Open();
  absl::Status LoadCycle();
  // 9:00 of the first day of a step, by number from 1.
  absl::Time MorningOf(int step) const;
  absl::Time Now() const;
  absl::Status AdvanceTo(absl::Time time);

  // Steps 1 to 6. Each starts with the clock in its first morning.
  absl::Status Report();
  absl::Status Distribute();
  absl::Status Collect();
  absl::Status ReturnBack();
  absl::Status Exchange();
  absl::Status Publish();

  // broken.cc
  // Before anybody has reported, and before any company has.
  absl::Status TryBrokenReports();
  absl::Status TryBrokenReturns();
  // Of lists that came in only now.
  absl::Status TryBrokenLists();
  // How it was refused; an error if it was not, for another reason, or if it left a trace.
  absl::StatusOr<Refusal> TryBroken(const BrokenPlan& broken);
  // What a broken file could have changed, as text.
  absl::StatusOr<std::string> DigestFor(const BrokenPlan& broken);
  absl::StatusOr<std::string> FormDigest(const std::string& university);
  absl::Status UploadBroken(const BrokenPlan& broken);

  // A file of the input directory; of one that is not there or too large an error about it.
  absl::StatusOr<std::string> ReadInput(const std::string& file) const;
  // Keeps what `error` says of a file, and that `organization` has not reported therefore. An error
  // that is not about the file comes back.
  absl::Status Refuse(const std::string& organization, const std::string& file,
                      const absl::Status& error);

  absl::Status ReportForms(Reporting reporting, const char* folder, const char* once);
  // Refuses its file if there is something wrong with it.
  absl::Status ReportForm(const FormPlan& form, const char* folder, const char* once);
  // Tries the file, imports it and submits the form.
  absl::Status SendForm(const FormPlan& form, const char* folder, const char* once);
  absl::Status TryForm(const FormPlan& form, const char* folder, const char* once);
  absl::Status SettleForm(const FormPlan& form, bool accept, const char* once);
  absl::Status ReportLate(const FormPlan& form);
  absl::StatusOr<cycle::v1::Form> GetForm(const std::string& university);

  // Its own account, or for it the unit's.
  Caller Sender(const ReturnPlan& plan);
  // Each of its files by itself; those that are refused.
  absl::StatusOr<std::vector<Refusal>> ImportReturns(const ReturnPlan& plan,
                                                     absl::string_view once);
  absl::Status ImportReturn(const ReturnPlan& plan, const std::string& university,
                            absl::string_view once);
  static std::string ReturnFile(const ReturnPlan& plan, const std::string& university);
  // Whether its form was sent out to the enterprises.
  bool IsAwaited(const std::string& university) const;
  // Whether it was taken: one that is not filled in to the last form is refused.
  absl::StatusOr<bool> SubmitReturn(const ReturnPlan& plan, absl::string_view once);
  absl::Status SubmitReturns(bool late);
  absl::Status PackAll(absl::string_view once);
  absl::Status ReturnAll(absl::string_view once);
  absl::StatusOr<cycle::v1::Leaderboard> PublishBoard(absl::string_view once);
  // turns.cc
  // Packages that the plan says so of: back to the unit and on to the enterprise, with reasons, and
  // given and packed again.
  absl::Status SendBackPackages();
  absl::Status SendBack(const ReturnPlan& plan);
  // Enterprises that the plan says so of are refused, get leave and give back what is late.
  absl::Status ReportByException();
  absl::Status GrantByUnit(const ReturnPlan& plan);
  // Reckons the deadlines anew: those that are open move if the pack's calendar was amended.
  absl::Status ReprojectDeadlines();
  // objections.cc
  // Objections to the board, each answered; what is upheld is corrected by a new version.
  absl::Status HearObjections(const cycle::v1::Leaderboard& board);
  absl::Status Hear(const ObjectionPlan& plan, size_t number, const cycle::v1::Leaderboard& board,
                    const pairing::v1::Project& missing);
  // One without an account, who asks for the answer with the receipt.
  absl::Status HearPublic(const ObjectionPlan& plan, size_t number,
                          const cycle::v1::Leaderboard& board);
  // Anybody sees until when one may object; all that were made are answered by now.
  absl::Status LookAtWindow(const cycle::v1::Leaderboard& board);
  // The project that is said to be missing: one under way that is complete by now. Without a name
  // if there is none.
  absl::StatusOr<pairing::v1::Project> FindMissingProject();
  // mending.cc
  // What was refused in an earlier run and is mended by now comes in, late, with a leave to do so;
  // and everything after it is done again.
  absl::Status BringInMended();
  // Whether it has come in.
  absl::StatusOr<bool> BringInForm(const FormPlan& form);
  absl::StatusOr<bool> BringInReturns(const ReturnPlan& plan);
  absl::Status GrantFormException(const cycle::v1::Form& form);
  absl::Status GrantReturnException(const std::string& enterprise);
  absl::Status Receive(const std::string& login, absl::string_view once);
  absl::Status ReceiveAll(absl::string_view role, absl::string_view once);
  // parts.cc
  // The first platform of the first university fills in its part, the second does not and the
  // university takes it back; and the first gets back what comes of it.
  absl::Status ReportAPart();
  absl::Status ReclaimAPart();
  absl::Status DeliverAPart();
  // Hands a part of the form out, if it is not out yet.
  absl::StatusOr<cycle::v1::PlatformPart> IssuePart(const cycle::v1::Form& form,
                                                    const std::string& title);
  // In no order.
  absl::StatusOr<std::vector<cycle::v1::PlatformPart>> PartsOf(const std::string& university);
  // work.cc
  // Begins `verb` of the cycle as an operation, shows how far it is, and waits for its end.
  absl::Status DoAsOperation(Caller caller, absl::string_view verb,
                             const google::protobuf::Message& request, absl::string_view once,
                             google::protobuf::Message* reply);
  // The same of a file that is sent to `path`.
  absl::Status UploadAsOperation(Caller caller, absl::string_view path, const Query& query,
                                 absl::string_view file, absl::string_view once,
                                 google::protobuf::Message* reply);
  // What it ends with: `reply`, or the error that the work itself would have given.
  absl::Status WaitFor(Caller caller, operation::v1::Operation operation,
                       google::protobuf::Message* reply);
  absl::Status CloseEarly(int step, absl::string_view reason);
  // To the next workday behind its last one.
  absl::Status Extend(int step, absl::string_view reason);
  absl::Status DisputeARow();
  absl::Status Simulate();
  absl::Status LookAtNotices();
  // events.cc
  absl::Status CreateEvent(const EventPlan& plan);
  absl::Status InviteAndAnswer(size_t event);
  absl::Status Hold(size_t event, const std::vector<pairing::v1::Project>& projects);
  absl::Status RecordOutcome(const EventPlan& plan, int number,
                             const std::vector<pairing::v1::Project>& projects);
  // The hour at which an event begins.
  absl::Time StartOf(const EventPlan& plan) const;
  std::string EventName(const EventPlan& plan) const;
  // Asks for the proof and stops at the first row that is lost or doubled.
  absl::Status CheckConservation(absl::string_view after);

  const Plan& plan_;
  Accounts& accounts_;
  const time::Quarter quarter_;
  const std::string name_;
  const std::string roster_;
  cycle::v1::Cycle cycle_;
  Refusals refusals_;
  // Of the plan, those of universities that have a form in the cycle.
  std::vector<FormPlan> forms_;
  // One that an earlier run refused came in.
  bool list_mended_ = false;
  // Last segments of the names of all organizations.
  std::set<std::string, std::less<>> registered_;
  // Universities whose forms came after everything had been sent out.
  std::set<std::string> after_;
  bool was_over_ = false;
  std::atomic<int> operations_ = 0;
};

// The list that a broken file was meant for; null if it is none.
const char* ListFile(BrokenList list);

// Folders of the universities' forms, and the file of one.
inline constexpr char kForms[] = "forms";
inline constexpr char kCorrections[] = "corrections";
std::string FormFile(const char* folder, const std::string& university);

// Accounts of the walk's own: who manages the platform whose part is filled in.
std::vector<WantedAccount> ManagersOfParts(const Plan& plan);

// One line on stderr.
void Say(absl::string_view progress);
// The message with all violations, one line each.
std::string InWords(const absl::Status& error);

}  // namespace chanyan::quarter
