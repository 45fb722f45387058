#include "services/registry/use_rules.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/policy/life.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/registry/charge_rules.h"
#include "services/registry/unit_rules.h"

namespace chanyan::registry {
namespace {

constexpr double kHoursOfLeapYear = 366 * 24;

// To a tenth, as rates are shown.
double Tenth(double value) { return std::round(value * 10) / 10; }

std::string HoursText(double hours) { return absl::StrFormat("%.1f小时", hours); }

v1::UseFigures FiguresOf(const BookedUse& booked) {
  v1::UseFigures figures;
  figures.set_teaching_hours(static_cast<double>(booked.teaching_minutes) / kMinutesOfHour);
  figures.set_research_hours(static_cast<double>(booked.research_minutes) / kMinutesOfHour);
  figures.set_service_hours(static_cast<double>(booked.service_minutes) / kMinutesOfHour);
  figures.set_open_hours(static_cast<double>(booked.open_minutes) / kMinutesOfHour);
  figures.set_samples(booked.samples);
  *figures.mutable_income() = MoneyOf(booked.income_fen);
  return figures;
}

v1::UseFigures FiguresOf(const v1::UseRecord& record) {
  v1::UseFigures figures;
  figures.set_teaching_hours(record.teaching_hours());
  figures.set_research_hours(record.research_hours());
  figures.set_service_hours(record.service_hours());
  figures.set_open_hours(record.open_hours());
  figures.set_samples(record.samples());
  figures.set_trainees(record.trainees());
  figures.set_papers(record.papers());
  figures.set_patents(record.patents());
  *figures.mutable_income() = MoneyOf(FenOf(record.income()));
  return figures;
}

double Used(const v1::UseFigures& figures) {
  return figures.teaching_hours() + figures.research_hours() + figures.service_hours();
}

void AddFigures(const v1::UseFigures& from, v1::UseFigures* to) {
  to->set_teaching_hours(to->teaching_hours() + from.teaching_hours());
  to->set_research_hours(to->research_hours() + from.research_hours());
  to->set_service_hours(to->service_hours() + from.service_hours());
  to->set_open_hours(to->open_hours() + from.open_hours());
  to->set_samples(to->samples() + from.samples());
  to->set_trainees(to->trainees() + from.trainees());
  to->set_papers(to->papers() + from.papers());
  to->set_patents(to->patents() + from.patents());
  *to->mutable_income() = MoneyOf(FenOf(to->income()) + FenOf(from.income()));
}

// Sums of booked and declared into the flat fields.
void Spread(v1::Utilisation* out) {
  v1::UseFigures all = out->booked();
  AddFigures(out->declared(), &all);
  out->set_teaching_hours(all.teaching_hours());
  out->set_research_hours(all.research_hours());
  out->set_service_hours(all.service_hours());
  out->set_open_hours(all.open_hours());
  out->set_used_hours(Used(all));
  out->set_samples(all.samples());
  out->set_trainees(all.trainees());
  out->set_papers(all.papers());
  out->set_patents(all.patents());
  *out->mutable_income() = all.income();
}

std::string NumeratorText(double used, double booked, double declared) {
  return absl::StrCat("总机时", HoursText(used), "（预约完成", HoursText(booked), "＋申报",
                      HoursText(declared), "）");
}

// The part of the year that lies behind `as_of`.
Interval Elapsed(int year, absl::Time as_of) {
  Interval elapsed = YearOf(year);
  elapsed.end = std::max(elapsed.begin, std::min(elapsed.end, as_of));
  return elapsed;
}

// Hours to divide by, or why there are none.
absl::StatusOr<double> Denominator(const policy::Pack& pack, const v1::Instrument& instrument,
                                   int year, absl::Time as_of) {
  const policy::v1::UtilisationRule& rule = pack.proto().instrument_policy().utilisation();
  switch (rule.basis()) {
    case policy::v1::UTILISATION_BASIS_OPENING_HOURS: {
      CHANYAN_ASSIGN_OR_RETURN(const int64_t minutes, OpenMinutesOf(pack, instrument, year, as_of));
      return static_cast<double>(minutes) / kMinutesOfHour;
    }
    case policy::v1::UTILISATION_BASIS_RATED_HOURS: {
      const Interval whole = YearOf(year);
      const Interval elapsed = Elapsed(year, as_of);
      return rule.rated_hours() * absl::FDivDuration(elapsed.Length(), whole.Length());
    }
    default:
      return status::FailedPrecondition(options::v1::ERROR_REASON_RULE_VIOLATED,
                                        "政策包没有规定利用率的分母");
  }
}

std::string BasisText(const policy::Pack& pack) {
  return policy::LabelOf(pack.proto().instrument_policy().utilisation().basis());
}

void SetRate(const policy::Pack& pack, double used, double available, std::string numerator,
             v1::Utilisation* out) {
  out->set_available_hours(available);
  std::string text = absl::StrCat(numerator, "÷", BasisText(pack), HoursText(available));
  if (available > 0) {
    const double rate = Tenth(used / available * kPercent);
    out->set_rate_percent(rate);
    absl::StrAppend(&text, "＝", absl::StrFormat("%.1f%%", rate));
  } else {
    absl::StrAppend(&text, "，分母为零，不计利用率");
  }
  out->set_derivation(std::move(text));
}

}  // namespace

Interval YearOf(int year) {
  return {time::StartOfDay(absl::CivilDay(year, 1, 1)),
          time::StartOfDay(absl::CivilDay(year + 1, 1, 1))};
}

std::vector<status::Violation> UseRecordViolations(const v1::UseRecord& record) {
  std::vector<status::Violation> violations;
  const v1::UseFigures figures = FiguresOf(record);
  if (Used(figures) > kHoursOfLeapYear) {
    violations.push_back({"teaching_hours", "教学、科研和社会服务机时之和超过了一年的小时数"});
  }
  if (figures.open_hours() > Used(figures)) {
    violations.push_back(
        {"open_hours", "“其中开放机时”是总机时的一部分，不能大于教学、科研和社会服务机时之和"});
  }
  if (record.has_income()) {
    const std::string wrong = MoneyProblem(record.income());
    if (!wrong.empty()) violations.push_back({"income", absl::StrCat("收入", wrong)});
  }
  return violations;
}

absl::StatusOr<int64_t> OpenMinutesOf(const policy::Pack& pack, const v1::Instrument& instrument,
                                      int year, absl::Time as_of) {
  if (!instrument.has_open_time()) return 0;
  Interval window = Elapsed(year, as_of);
  window.begin = std::max(window.begin, time::ToTime(instrument.open_time()));
  if (instrument.has_retire_time()) {
    window.end = std::min(window.end, time::ToTime(instrument.retire_time()));
  }
  if (instrument.has_suspend_time()) {
    window.end = std::min(window.end, time::ToTime(instrument.suspend_time()));
  }
  absl::Duration sum;
  // Adds what was open by `then` up to `end`, and goes on from there.
  const auto add = [&](const v1::Instrument& then, absl::Time end) -> absl::Status {
    const Interval part{window.begin, std::min(window.end, end)};
    if (part.begin >= part.end) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<Interval> open,
                             OpenIntervals(then, pack.calendar(), part));
    for (const Interval& one : open) sum += one.Length();
    window.begin = part.end;
    return absl::OkStatus();
  };
  for (const v1::OpeningPeriod& period : instrument.past_openings()) {
    v1::Instrument then;
    *then.mutable_hours() = period.hours();
    then.set_closed_on_holidays(period.closed_on_holidays());
    *then.mutable_closures() = instrument.closures();
    CHANYAN_RETURN_IF_ERROR(add(then, time::ToTime(period.end_time())));
  }
  CHANYAN_RETURN_IF_ERROR(add(instrument, window.end));
  return absl::ToInt64Minutes(sum);
}

v1::Utilisation UtilisationOf(const policy::Pack& pack, const v1::Instrument& instrument, int year,
                              const BookedUse& booked, const v1::UseRecord& declared,
                              absl::Time as_of) {
  v1::Utilisation out;
  out.set_key(instrument.name());
  out.set_organization_title(instrument.organization_title());
  out.set_platform_title(instrument.platform_title());
  out.set_instrument_title(instrument.display_name());
  out.set_asset_number(instrument.asset_number());
  out.set_year(year);
  out.set_instrument_count(1);
  *out.mutable_booked() = FiguresOf(booked);
  *out.mutable_declared() = FiguresOf(declared);
  Spread(&out);
  *out.mutable_as_of() = time::ToTimestamp(as_of);
  const std::string numerator =
      NumeratorText(out.used_hours(), Used(out.booked()), Used(out.declared()));
  const absl::StatusOr<double> available = Denominator(pack, instrument, year, as_of);
  if (available.ok()) {
    SetRate(pack, out.used_hours(), *available, numerator, &out);
  } else {
    out.set_derivation(absl::StrCat(numerator, "；不计利用率：", available.status().message()));
  }
  return out;
}

UtilisationSum::UtilisationSum(int year, absl::Time as_of) {
  sum_.set_year(year);
  *sum_.mutable_as_of() = time::ToTimestamp(as_of);
  *sum_.mutable_booked() = FiguresOf(BookedUse());
  *sum_.mutable_declared() = FiguresOf(BookedUse());
}

void UtilisationSum::Add(const v1::Utilisation& one) {
  sum_.set_instrument_count(sum_.instrument_count() + one.instrument_count());
  AddFigures(one.booked(), sum_.mutable_booked());
  AddFigures(one.declared(), sum_.mutable_declared());
  if (!one.has_available_hours()) return;
  rated_hours_used_ += one.used_hours();
  available_hours_ += one.available_hours();
  with_denominator_ += one.instrument_count();
}

v1::Utilisation UtilisationSum::Done(const policy::Pack& pack) const {
  v1::Utilisation out = sum_;
  Spread(&out);
  std::string numerator = NumeratorText(out.used_hours(), Used(out.booked()), Used(out.declared()));
  const int without = out.instrument_count() - with_denominator_;
  if (without > 0) {
    absl::StrAppend(&numerator, "，其中", with_denominator_, "台可计利用率的",
                    HoursText(rated_hours_used_), "（另", without, "台无法确定", BasisText(pack),
                    "）");
  }
  if (with_denominator_ == 0) {
    out.set_derivation(absl::StrCat(numerator, "；不计利用率"));
    return out;
  }
  SetRate(pack, rated_hours_used_, available_hours_, std::move(numerator), &out);
  return out;
}

}  // namespace chanyan::registry
