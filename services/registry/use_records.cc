// Handlers of declared use (REG-4, REG-10).
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/names.h"
#include "common/api/validate.h"
#include "common/db/in_chunks.h"
#include "common/db/predicate.h"
#include "common/rpc/export.h"
#include "common/rpc/import.h"
#include "common/rpc/resource.h"
#include "common/time/civil.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/registry/import_directory.h"
#include "services/registry/instrument_service.h"
#include "services/registry/use_rules.h"

namespace chanyan::registry {
namespace {

constexpr int kFirstYear = 2000;
constexpr absl::string_view kUseRecords = "/useRecords/";
constexpr char kKnownBy[] =
    "SELECT instrument.name, organization.display_name, instrument.asset_number FROM instrument "
    "JOIN organization ON organization.name = instrument.organization WHERE instrument.name IN ";

std::string InstrumentOf(absl::string_view record) {
  return std::string(api::ParentOfName(record));
}

// The year that a record's name says, up to the running one.
absl::StatusOr<int> YearOfName(absl::string_view name, absl::CivilDay today) {
  int year = 0;
  const absl::string_view id = api::IdOfName(name);
  if (id.size() != 4 || !absl::SimpleAtoi(id, &year) || year < kFirstYear || year > today.year()) {
    return status::InvalidField("use_record.name", absl::StrCat("年度应为", kFirstYear, "到",
                                                                today.year(), "之间的四位数"));
  }
  return year;
}

}  // namespace

absl::Status InstrumentService::Describe(db::Session& session, absl::Span<v1::UseRecord> rows) {
  absl::flat_hash_map<std::string, std::vector<v1::UseRecord*>> of;
  for (v1::UseRecord& row : rows) of[row.instrument()].push_back(&row);
  std::vector<std::string> names;
  names.reserve(of.size());
  for (const auto& [name, records] : of) names.push_back(name);
  return db::InChunks(names, [&](absl::Span<const std::string> chunk) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                             session.Query(absl::StrCat(kKnownBy, db::Marks(chunk.size())),
                                           db::Values(chunk.begin(), chunk.end())));
    for (const db::Values& known : found.rows) {
      for (v1::UseRecord* row : of[std::get<std::string>(known[0])]) {
        row->set_organization_title(std::get<std::string>(known[1]));
        row->set_asset_number(std::get<std::string>(known[2]));
      }
    }
    return absl::OkStatus();
  });
}

absl::Status InstrumentService::Present(const rpc::Call& call, absl::Span<v1::UseRecord> rows) {
  return deps_.store.db.Read(call.deadline,
                             [&](db::Session& session) { return Describe(session, rows); });
}

absl::StatusOr<v1::UseRecord> InstrumentService::GetUseRecord(
    const rpc::Call& call, const v1::GetUseRecordRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(v1::UseRecord row,
                           rpc::Fetch(deps_.store.db, call, use_records_, request.name()));
  CHANYAN_RETURN_IF_ERROR(Present(call, absl::MakeSpan(&row, 1)));
  return row;
}

absl::StatusOr<v1::ListUseRecordsResponse> InstrumentService::ListUseRecords(
    const rpc::Call& call, const v1::ListUseRecordsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, use_records_, request,
                                                     absl::StrCat(request.parent(), "/useRecords"),
                                                     request.filter(), request.order_by()));
  CHANYAN_RETURN_IF_ERROR(Present(call, absl::MakeSpan(page.rows)));
  v1::ListUseRecordsResponse response;
  response.mutable_use_records()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::UseRecord> InstrumentService::UpdateUseRecord(
    const rpc::Call& call, const v1::UpdateUseRecordRequest& request) {
  const v1::UseRecord& update = request.use_record();
  CHANYAN_ASSIGN_OR_RETURN(
      v1::UseRecord updated,
      rpc::Mutate<v1::UseRecord>(
          deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::UseRecord> {
            db::Session& session = change.session();
            // Locked, so that of two first updates the second finds the first one's record.
            CHANYAN_ASSIGN_OR_RETURN(
                const v1::Instrument instrument,
                instruments_.GetForUpdate(session, InstrumentOf(update.name()),
                                          auth::Writable<v1::Instrument>(call.principal)));
            CHANYAN_ASSIGN_OR_RETURN(const int year,
                                     YearOfName(update.name(), time::DayOf(change.now())));
            const absl::StatusOr<v1::UseRecord> stored =
                use_records_.GetForUpdate(session, update.name());
            if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
            v1::UseRecord row = stored.ok() ? *stored : v1::UseRecord();
            row.set_name(update.name());
            row.set_instrument(instrument.name());
            row.set_organization(instrument.organization());
            row.set_year(year);
            if (!auth::Reaches(call.principal, row, options::v1::ACCESS_WRITE)) {
              return status::NotFound(update.name());
            }
            CHANYAN_RETURN_IF_ERROR(api::ApplyMask(request.update_mask(), update, &row));
            std::vector<status::Violation> violations = UseRecordViolations(row);
            for (status::Violation& violation : violations) {
              violation.field = absl::StrCat("use_record.", violation.field);
            }
            if (!violations.empty()) return status::InvalidFields(std::move(violations));
            if (request.validate_only()) return row;
            if (!stored.ok()) {
              CHANYAN_RETURN_IF_ERROR(use_records_.Insert(session, change.now(), &row));
              CHANYAN_RETURN_IF_ERROR(change.Record("created", nullptr, &row));
            } else if (!google::protobuf::util::MessageDifferencer::Equals(*stored, row)) {
              CHANYAN_RETURN_IF_ERROR(use_records_.Update(session, change.now(), &row));
              CHANYAN_RETURN_IF_ERROR(change.Record("updated", &*stored, &row));
            }
            return row;
          }));
  CHANYAN_RETURN_IF_ERROR(Present(call, absl::MakeSpan(&updated, 1)));
  return updated;
}

absl::StatusOr<v1::ImportResult> InstrumentService::ImportUseRecords(
    const rpc::Call& call, const v1::ImportUseRecordsRequest& request) {
  sheet::ReadOptions options;
  options.check = [](google::protobuf::Message& message, uint32_t) {
    v1::UseRecord shaped = static_cast<const v1::UseRecord&>(message);
    shaped.clear_organization_title();
    shaped.clear_asset_number();
    shaped.clear_year();
    std::vector<status::Violation> violations = api::Violations(shaped);
    for (status::Violation& violation : UseRecordViolations(shaped)) {
      violations.push_back(std::move(violation));
    }
    return violations;
  };
  CHANYAN_ASSIGN_OR_RETURN(
      sheet::TableData<v1::UseRecord> data,
      rpc::ReadUpload<v1::UseRecord>(request.file(), request.file_name(), options));
  const google::protobuf::FieldMask copied = rpc::CopiedColumns(
      data.places, v1::UseRecord::descriptor(), {"organization_title", "asset_number", "year"});
  return rpc::Mutate<v1::ImportResult>(
      deps_.store, call, request, [&](rpc::Change& change) -> absl::StatusOr<v1::ImportResult> {
        CHANYAN_ASSIGN_OR_RETURN(const auto directory,
                                 Directory::Load(change.session(), organizations_, call.principal));
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::Instrument> instruments,
            instruments_.Select(change.session(), auth::Writable<v1::Instrument>(call.principal)));
        absl::flat_hash_map<std::string, const v1::Instrument*> by_asset;
        for (const v1::Instrument& one : instruments) {
          by_asset[absl::StrCat(one.organization(), "\n", one.asset_number())] = &one;
        }
        CHANYAN_ASSIGN_OR_RETURN(
            const std::vector<v1::UseRecord> existing,
            use_records_.Select(change.session(), auth::Writable<v1::UseRecord>(call.principal),
                                db::kByNameLocked));
        absl::flat_hash_map<std::string, const v1::UseRecord*> by_name;
        for (const v1::UseRecord& one : existing) by_name[one.name()] = &one;
        std::vector<status::Violation> violations;
        absl::flat_hash_map<std::string, uint32_t> seen;
        rpc::ImportPlan<v1::UseRecord> plan;
        for (const auto& [message, number] : data.rows) {
          const auto refuse = [&, number = number](absl::string_view field, std::string why) {
            violations.push_back({data.places.Place(number, field), std::move(why)});
          };
          const v1::Organization* owner = directory->Resolve(message.organization_title());
          if (owner == nullptr) {
            refuse("organization_title", absl::StrCat("依托单位“", message.organization_title(),
                                                      "”不在单位名录中，请核对名称"));
            continue;
          }
          const auto instrument =
              by_asset.find(absl::StrCat(owner->name(), "\n", message.asset_number()));
          if (instrument == by_asset.end()) {
            refuse("asset_number", absl::StrCat("本单位没有资产编号为“", message.asset_number(),
                                                "”的仪器设备，请先导入该仪器或核对编号"));
            continue;
          }
          v1::UseRecord row;
          row.set_name(absl::StrCat(instrument->second->name(), kUseRecords, message.year()));
          if (!YearOfName(row.name(), time::DayOf(change.now())).ok()) {
            refuse("year", absl::StrCat("年度应为", kFirstYear, "年到今年之间的四位数"));
            continue;
          }
          const auto [first, fresh] = seen.try_emplace(row.name(), number);
          if (!fresh) {
            refuse("asset_number",
                   absl::StrCat("与第 ", first->second, " 行是同一仪器的同一年度，请只保留一行"));
            continue;
          }
          const auto found = by_name.find(row.name());
          const v1::UseRecord* stored = found == by_name.end() ? nullptr : found->second;
          if (stored != nullptr) row = *stored;
          row.set_instrument(instrument->second->name());
          row.set_organization(instrument->second->organization());
          row.set_year(message.year());
          rpc::CopyColumns(copied, message, &row);
          if (std::vector<status::Violation> wrong = UseRecordViolations(row); !wrong.empty()) {
            rpc::AddPlaced(std::move(wrong), number, data.places, &violations);
            continue;
          }
          plan.Add(stored, std::move(row));
        }
        return rpc::Settle<v1::ImportResult>(change, use_records_, std::move(violations),
                                             request.validate_only(), &plan);
      });
}

absl::StatusOr<google::api::HttpBody> InstrumentService::ExportUseRecords(
    const rpc::Call& call, const v1::ExportUseRecordsRequest& request) {
  std::vector<v1::UseRecord> rows;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const db::Predicate wanted,
                                 use_records_.core().Where(request.filter()));
        CHANYAN_ASSIGN_OR_RETURN(
            rows,
            use_records_.Select(
                session, db::And(auth::Readable<v1::UseRecord>(call.principal), wanted), "name"));
        return Describe(session, absl::MakeSpan(rows));
      }));
  return rpc::ExportSheet<v1::UseRecord>("年度使用记录", deps_.store.clock.Now(), rows);
}

}  // namespace chanyan::registry
