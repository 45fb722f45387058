#include "services/consortium/filing_book.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/consortium/digests.h"
#include "services/consortium/filing_life.h"
#include "services/consortium/filing_rules.h"

namespace chanyan::consortium {
namespace {

// The row of the year stays locked until the transaction ends: who comes second waits, and a number
// whose filing is rolled back is given to the next.
constexpr char kTakeNumber[] =
    "INSERT INTO filing_counter (year, last_number) VALUES (?, 1) "
    "ON DUPLICATE KEY UPDATE last_number = last_number + 1";
constexpr char kReadNumber[] = "SELECT last_number FROM filing_counter WHERE year = ?";

}  // namespace

absl::StatusOr<int> FilingBook::NextNumber(db::Session& session, int year) const {
  CHANYAN_RETURN_IF_ERROR(session.Execute(kTakeNumber, {int64_t{year}}).status());
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kReadNumber, {int64_t{year}}));
  return static_cast<int>(std::get<int64_t>(rows.rows.at(0).at(0)));
}

absl::StatusOr<int> FilingBook::MonthsOf(db::Session& session, const v1::Consortium& row) const {
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PublicNotice> open,
                           notices_.Select(session, {"open_consortium = ?", {row.name()}}));
  return MonthsFor(pack_.proto().filing(), open.empty() ? 0 : open.front().valid_months());
}

void FilingBook::Fill(const v1::Consortium& row, v1::Filing* filing) const {
  filing->set_consortium(row.name());
  filing->set_consortium_title(row.display_name());
  filing->set_lead_unit(row.lead_unit());
  filing->set_lead_unit_title(row.lead_unit_title());
  filing->clear_member_titles();
  for (const v1::ConsortiumMember& member : row.members()) {
    filing->add_member_titles(member.title());
  }
  *filing->mutable_industries() = row.industries();
  filing->set_track(row.track());
  filing->set_certificate_sha256(
      CertificateOf(*filing, row.chief_expert().person(), pack_.proto().issuer())
          .certificate_sha256());
}

absl::Status FilingBook::File(rpc::Change& change, v1::Consortium* row) const {
  const absl::CivilDay today = time::DayOf(change.now());
  const policy::v1::ConsortiumFilingTerm& term = pack_.proto().filing();
  const int year = static_cast<int>(today.year());
  CHANYAN_ASSIGN_OR_RETURN(const int months, MonthsOf(change.session(), *row));
  CHANYAN_ASSIGN_OR_RETURN(const int number, NextNumber(change.session(), year));
  v1::Filing filing;
  filing.set_name(absl::StrCat("filings/", year, "-", number));
  filing.set_year(year);
  filing.set_number(number);
  filing.set_filing_number(FilingNumber(term, year, number));
  filing.set_state(v1::FILING_STATE_VALID);
  *filing.mutable_file_date() = time::ToProto(today);
  filing.set_valid_months(months);
  *filing.mutable_valid_until() = time::ToProto(LastDayOf(today, months));
  filing.set_renews(row->renews());
  filing.set_verification_code(api::NewShortId());
  Fill(*row, &filing);
  if (!row->renews().empty()) CHANYAN_RETURN_IF_ERROR(Renew(change, *row, filing));
  CHANYAN_RETURN_IF_ERROR(filings_.Insert(change.session(), change.now(), &filing));
  CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &filing));
  row->set_filing(filing.name());
  *row->mutable_valid_until() = filing.valid_until();
  return absl::OkStatus();
}

absl::Status FilingBook::Renew(rpc::Change& change, const v1::Consortium& row,
                               const v1::Filing& by) const {
  CHANYAN_ASSIGN_OR_RETURN(v1::Filing old, filings_.GetForUpdate(change.session(), row.renews()));
  if (!old.renewed_by().empty() || !IsRenewable(old.state())) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_WRONG_STATE,
        absl::StrCat("备案“", old.filing_number(), "”", policy::LabelOf(old.state()),
                     old.renewed_by().empty() ? "" : "并已续期", "，不能据以续期备案"));
  }
  const v1::Filing before = old;
  CHANYAN_ASSIGN_OR_RETURN(const v1::FilingState next,
                           policy::Next(FilingLife(), old.state(), "renew"));
  if (next != old.state()) *old.mutable_end_date() = by.file_date();
  old.set_state(next);
  old.set_renewed_by(by.name());
  CHANYAN_RETURN_IF_ERROR(filings_.Update(change.session(), change.now(), &old));
  return change.Record("renewed", &before, &old);
}

absl::Status FilingBook::End(rpc::Change& change, const v1::Consortium& row,
                             absl::string_view verb) const {
  if (row.filing().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(v1::Filing filing,
                           filings_.GetForUpdate(change.session(), row.filing()));
  if (filing.state() != v1::FILING_STATE_VALID) return absl::OkStatus();
  const v1::Filing before = filing;
  CHANYAN_ASSIGN_OR_RETURN(const v1::FilingState next,
                           policy::Next(FilingLife(), filing.state(), verb));
  filing.set_state(next);
  if (next != v1::FILING_STATE_EXPIRED) {
    *filing.mutable_end_date() = time::ToProto(time::DayOf(change.now()));
  }
  CHANYAN_RETURN_IF_ERROR(filings_.Update(change.session(), change.now(), &filing));
  return change.Record("ended", &before, &filing);
}

absl::Status FilingBook::Follow(rpc::Change& change, const v1::Consortium& row) const {
  if (row.filing().empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(v1::Filing filing,
                           filings_.GetForUpdate(change.session(), row.filing()));
  if (filing.state() != v1::FILING_STATE_VALID) return absl::OkStatus();
  const v1::Filing before = filing;
  Fill(row, &filing);
  if (google::protobuf::util::MessageDifferencer::Equals(before, filing)) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(filings_.Update(change.session(), change.now(), &filing));
  return change.Record("followed", &before, &filing);
}

}  // namespace chanyan::consortium
