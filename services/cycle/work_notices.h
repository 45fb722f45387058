// What people are told of the quarter's own work besides its reminders (CYC-9): what arrives, what
// was sent back to them, leave that they were given, disputes of rows and objections to boards. A
// rehearsal tells nobody.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chanyan/cycle/v1/cycle.pb.h"
#include "chanyan/cycle/v1/objection.pb.h"
#include "chanyan/cycle/v1/returning.pb.h"
#include "chanyan/cycle/v1/trace.pb.h"
#include "common/db/database.h"
#include "services/cycle/notice_texts.h"

namespace chanyan::cycle {

// --- What is said. Pure.

// Rows that come to a unit, an enterprise or a university (S0 二, second to fourth week), and what
// it is asked to do with them until `due`, if that lies ahead.
enum class Arrival { kAtUnit, kAtEnterprise, kAtUniversity };
Notice ArrivedAt(const std::string& receiver, Arrival arrival, size_t rows, absl::Time due,
                 absl::Time now);
// To the university: by when it is to be mended, or that leave is needed first.
Notice FormSentBack(const v1::Cycle& cycle, const v1::Form& form, absl::Time now);
// To the enterprise; `due` is the end of its window.
Notice RowsSentBack(const v1::Form& form, const v1::Handover& handover, absl::Time due);
// To the unit.
Notice PackageSentBack(const v1::Package& package);
Notice LeaveForForm(const v1::Form& form);
Notice LeaveForEnterprise(const v1::ReturnException& exception);
// To the secretariat, once, of those that get no form.
Notice PlatformsUnpublished(const v1::Cycle& cycle);
// To the secretariat, and to who raised it.
Notice DisputeRaised(const v1::Cycle& cycle, const v1::RowDispute& dispute);
Notice DisputeSettled(const v1::RowDispute& dispute);
// To the secretariat, without a word of who objects; and to the organization that did.
Notice ObjectionsWait(const v1::Cycle& cycle, const v1::Objection& objection);
Notice ObjectionAnswered(const v1::Objection& objection);

// What the notices are about: the rows of a form that was sent back, all objections to a version.
std::string RowsOfForm(absl::string_view form);
std::string ObjectionsBeside(absl::string_view objection);

// --- Telling, in the transaction of what is told.

absl::Status TellOfWork(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                        const std::string& subject, const Notice& notice);
// Each receiver of `groups`, receiver → names of rows, together.
absl::Status TellOfArrivals(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                            Arrival arrival,
                            const std::map<std::string, std::vector<std::string>>& groups);
// The same as TellOfWork, unless the secretariat has not even read that others wait.
absl::Status TellOfObjection(db::Session& session, absl::Time now, const v1::Cycle& cycle,
                             const v1::Objection& objection);
// One objection is dealt with; what was told is settled with the last that is open.
absl::Status SettleObjection(db::Session& session, absl::Time now, const std::string& objection);
// Whoever was told that some of `rows` were sent back has given them again.
absl::Status SettleSentBack(db::Session& session, absl::Time now, const std::vector<v1::Row>& rows);

}  // namespace chanyan::cycle
