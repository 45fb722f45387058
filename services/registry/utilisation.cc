// Figures of use (REG-4): completed bookings by one query, declared records, and the rules.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/rpc/export.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "common/time/timestamp.h"
#include "services/registry/instrument_service.h"
#include "services/registry/use_rules.h"

namespace chanyan::registry {
namespace {

// Of the instruments from one name to another. A booking counts in the year in which it begins.
constexpr char kBooked[] =
    "SELECT instrument,"
    " SUM(IF(state = 'COMPLETED' AND purpose = 'TEACHING', used_minutes, 0)),"
    " SUM(IF(state = 'COMPLETED' AND purpose = 'RESEARCH', used_minutes, 0)),"
    " SUM(IF(state = 'COMPLETED' AND purpose = 'SERVICE', used_minutes, 0)),"
    " SUM(IF(state = 'COMPLETED' AND requester <> organization, used_minutes, 0)),"
    " SUM(IF(state = 'COMPLETED', samples, 0)),"
    " SUM(CAST(COALESCE(JSON_VALUE(settlement, '$.total.units'), '0') AS SIGNED) * 100"
    " + CAST(COALESCE(JSON_VALUE(settlement, '$.total.nanos'), '0') AS SIGNED) DIV 10000000)"
    " FROM booking WHERE instrument >= ? AND instrument <= ? AND start_time >= ? AND start_time < ?"
    " AND state IN ('COMPLETED', 'CANCELLED', 'NO_SHOW') GROUP BY instrument";

// SUM is a DECIMAL, which travels as text.
int64_t Sum(const db::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  int64_t sum = 0;
  if (const auto* text = std::get_if<std::string>(&value)) (void)absl::SimpleAtoi(*text, &sum);
  return sum;
}

BookedUse BookedOf(const db::Values& row) {
  return {.teaching_minutes = Sum(row[1]),
          .research_minutes = Sum(row[2]),
          .service_minutes = Sum(row[3]),
          .open_minutes = Sum(row[4]),
          .samples = Sum(row[5]),
          .income_fen = Sum(row[6])};
}

absl::StatusOr<int> WantedYear(int asked, absl::Time now) {
  const int running = static_cast<int>(time::DayOf(now).year());
  if (asked == 0) return running;
  if (asked > running) return status::InvalidField("year", "年度不能晚于今年");
  return asked;
}

// "organizations/ouc", or all.
absl::StatusOr<db::Predicate> Below(const std::string& parent) {
  const auto ids = api::ParseName("organizations/{organization}", parent, /*wildcards=*/true);
  if (!ids.has_value()) {
    return status::InvalidField("parent",
                                "应形如 organizations/abc，或以 organizations/- 表示全部");
  }
  if (ids->front() == "-") return db::Predicate::Everything();
  return db::Predicate{"organization = ?", {parent}};
}

}  // namespace

db::Predicate InstrumentService::Accountable(const rpc::Call& call) const {
  const bool oversees = call.principal.Has(options::v1::ROLE_DEPARTMENT) ||
                        call.principal.Has(options::v1::ROLE_LEADER);
  // A draft has no use yet.
  return db::And(oversees ? auth::Readable<v1::Instrument>(call.principal)
                          : auth::Writable<v1::Instrument>(call.principal),
                 {"state <> 'DRAFT'", {}});
}

absl::StatusOr<std::vector<v1::Utilisation>> InstrumentService::Utilisations(
    db::Session& session, absl::Span<const v1::Instrument> instruments, int year,
    absl::Time as_of) {
  std::vector<v1::Utilisation> figures;
  if (instruments.empty()) return figures;
  const auto [first, last] = std::minmax_element(
      instruments.begin(), instruments.end(),
      [](const v1::Instrument& a, const v1::Instrument& b) { return a.name() < b.name(); });
  const Interval whole = YearOf(year);
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(kBooked, {first->name(), last->name(), whole.begin, whole.end}));
  absl::flat_hash_map<std::string, BookedUse> booked;
  for (const db::Values& row : found.rows) booked[std::get<std::string>(row[0])] = BookedOf(row);
  CHANYAN_ASSIGN_OR_RETURN(
      const std::vector<v1::UseRecord> records,
      use_records_.Select(session, {"year = ? AND instrument >= ? AND instrument <= ?",
                                    {int64_t{year}, first->name(), last->name()}}));
  absl::flat_hash_map<std::string, const v1::UseRecord*> declared;
  for (const v1::UseRecord& record : records) declared[record.instrument()] = &record;
  figures.reserve(instruments.size());
  for (const v1::Instrument& instrument : instruments) {
    const auto record = declared.find(instrument.name());
    figures.push_back(UtilisationOf(
        deps_.pack, instrument, year, booked[instrument.name()],
        record == declared.end() ? v1::UseRecord::default_instance() : *record->second, as_of));
  }
  return figures;
}

absl::StatusOr<v1::ListUtilisationResponse> InstrumentService::ListUtilisation(
    const rpc::Call& call, const v1::ListUtilisationRequest& request) {
  const absl::Time as_of = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(const int year, WantedYear(request.year(), as_of));
  CHANYAN_RETURN_IF_ERROR(Below(request.parent()).status());
  db::ListQuery query;
  query.parent = absl::StrCat(request.parent(), "/instruments");
  query.filter = request.filter();
  query.page_size = request.page_size();
  query.page_token = request.page_token();
  query.scope = Accountable(call);
  v1::ListUtilisationResponse response;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        response.Clear();
        CHANYAN_ASSIGN_OR_RETURN(auto page, instruments_.List(session, query));
        TitlesByName titles;
        CHANYAN_RETURN_IF_ERROR(AddTitles(session, page.rows, &titles));
        for (v1::Instrument& row : page.rows) Describe(titles, &row);
        CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Utilisation> figures,
                                 Utilisations(session, page.rows, year, as_of));
        response.mutable_utilisations()->Assign(figures.begin(), figures.end());
        response.set_next_page_token(page.next_page_token);
        return absl::OkStatus();
      }));
  *response.mutable_as_of() = time::ToTimestamp(as_of);
  return response;
}

absl::StatusOr<InstrumentService::Reckoning> InstrumentService::Reckon(const rpc::Call& call,
                                                                       const std::string& parent,
                                                                       int year, absl::Time as_of) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Predicate below, Below(parent));
  Reckoning reckoning;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        reckoning = Reckoning();
        CHANYAN_ASSIGN_OR_RETURN(reckoning.instruments,
                                 instruments_.Select(session, db::And(Accountable(call), below)));
        CHANYAN_RETURN_IF_ERROR(AddTitles(session, reckoning.instruments, &reckoning.titles));
        for (v1::Instrument& row : reckoning.instruments) Describe(reckoning.titles, &row);
        CHANYAN_ASSIGN_OR_RETURN(reckoning.figures,
                                 Utilisations(session, reckoning.instruments, year, as_of));
        return absl::OkStatus();
      }));
  return reckoning;
}

std::vector<v1::Utilisation> InstrumentService::Grouped(const Reckoning& reckoning,
                                                        v1::UtilisationGrouping group_by, int year,
                                                        absl::Time as_of) const {
  const bool by_platform = group_by == v1::UTILISATION_GROUPING_PLATFORM;
  std::map<std::string, std::pair<size_t, UtilisationSum>> groups;
  for (size_t i = 0; i < reckoning.instruments.size(); ++i) {
    const v1::Instrument& row = reckoning.instruments[i];
    const std::string& key = by_platform ? row.platform() : row.organization();
    groups.try_emplace(key, i, UtilisationSum(year, as_of))
        .first->second.second.Add(reckoning.figures[i]);
  }
  std::vector<v1::Utilisation> out;
  for (const auto& [key, group] : groups) {
    const v1::Instrument& one = reckoning.instruments[group.first];
    v1::Utilisation& sum = out.emplace_back(group.second.Done(deps_.pack));
    sum.set_key(key);
    sum.set_organization_title(one.organization_title());
    if (by_platform) sum.set_platform_title(one.platform_title());
  }
  return out;
}

absl::StatusOr<v1::UtilisationSummary> InstrumentService::SummarizeUtilisation(
    const rpc::Call& call, const v1::SummarizeUtilisationRequest& request) {
  const absl::Time as_of = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(const int year, WantedYear(request.year(), as_of));
  CHANYAN_ASSIGN_OR_RETURN(const Reckoning reckoning, Reckon(call, request.parent(), year, as_of));
  v1::UtilisationSummary summary;
  UtilisationSum total(year, as_of);
  for (const v1::Utilisation& figure : reckoning.figures) total.Add(figure);
  *summary.mutable_total() = total.Done(deps_.pack);
  if (request.group_by() != v1::UTILISATION_GROUPING_UNSPECIFIED) {
    for (v1::Utilisation& group : Grouped(reckoning, request.group_by(), year, as_of)) {
      *summary.add_groups() = std::move(group);
    }
  }
  *summary.mutable_as_of() = time::ToTimestamp(as_of);
  return summary;
}

absl::StatusOr<google::api::HttpBody> InstrumentService::ExportUtilisation(
    const rpc::Call& call, const v1::ExportUtilisationRequest& request) {
  const absl::Time as_of = deps_.store.clock.Now();
  CHANYAN_ASSIGN_OR_RETURN(const int year, WantedYear(request.year(), as_of));
  CHANYAN_ASSIGN_OR_RETURN(const Reckoning reckoning, Reckon(call, request.parent(), year, as_of));
  sheet::Writer writer({.created = as_of, .title = absl::StrCat(year, "年仪器设备利用情况")});
  const auto write = [&](const char* title, const std::vector<v1::Utilisation>& rows) {
    sheet::WriteTable(writer, title, v1::Utilisation::descriptor(), rows);
  };
  write("按仪器", reckoning.figures);
  write("按科创平台", Grouped(reckoning, v1::UTILISATION_GROUPING_PLATFORM, year, as_of));
  write("按单位", Grouped(reckoning, v1::UTILISATION_GROUPING_ORGANIZATION, year, as_of));
  CHANYAN_ASSIGN_OR_RETURN(std::string bytes, std::move(writer).Finish());
  return rpc::SheetBody(std::move(bytes));
}

}  // namespace chanyan::registry
