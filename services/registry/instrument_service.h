// RPC handlers of chanyan.registry.v1.InstrumentService. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/db/table.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/rpc/method.h"
#include "common/rpc/mutate.h"
#include "common/sheet/table.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "services/registry/held_back.h"
#include "services/registry/import_directory.h"

namespace chanyan::registry {

class InstrumentService {
 public:
  struct Deps {
    rpc::StoreDeps store;
    const policy::Pack& pack;
  };
  explicit InstrumentService(Deps deps) : deps_(std::move(deps)) {}

  std::vector<rpc::UnaryMethod> Methods();

  // instruments.cc
  absl::StatusOr<v1::Instrument> GetInstrument(const rpc::Call&, const v1::GetInstrumentRequest&);
  absl::StatusOr<v1::ListInstrumentsResponse> ListInstruments(const rpc::Call&,
                                                              const v1::ListInstrumentsRequest&);
  absl::StatusOr<v1::Instrument> CreateInstrument(const rpc::Call&,
                                                  const v1::CreateInstrumentRequest&);
  absl::StatusOr<v1::Instrument> UpdateInstrument(const rpc::Call&,
                                                  const v1::UpdateInstrumentRequest&);
  absl::StatusOr<v1::Instrument> OpenInstrument(const rpc::Call&, const v1::OpenInstrumentRequest&);
  absl::StatusOr<v1::Instrument> SuspendInstrument(const rpc::Call&,
                                                   const v1::SuspendInstrumentRequest&);
  absl::StatusOr<v1::Instrument> ResumeInstrument(const rpc::Call&,
                                                  const v1::ResumeInstrumentRequest&);
  absl::StatusOr<v1::Instrument> RetireInstrument(const rpc::Call&,
                                                  const v1::RetireInstrumentRequest&);

  // instrument_imports.cc
  absl::StatusOr<v1::ImportResult> ImportInstruments(const rpc::Call&,
                                                     const v1::ImportInstrumentsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportInstruments(const rpc::Call&,
                                                          const v1::ExportInstrumentsRequest&);

  // bookings.cc
  absl::StatusOr<v1::Availability> QueryAvailability(const rpc::Call&,
                                                     const v1::QueryAvailabilityRequest&);
  absl::StatusOr<v1::Booking> GetBooking(const rpc::Call&, const v1::GetBookingRequest&);
  absl::StatusOr<v1::ListBookingsResponse> ListBookings(const rpc::Call&,
                                                        const v1::ListBookingsRequest&);
  absl::StatusOr<v1::Booking> CreateBooking(const rpc::Call&, const v1::CreateBookingRequest&);
  absl::StatusOr<v1::Booking> RescheduleBooking(const rpc::Call&,
                                                const v1::RescheduleBookingRequest&);
  absl::StatusOr<google::api::HttpBody> ExportBookings(const rpc::Call&,
                                                       const v1::ExportBookingsRequest&);

  // booking_verbs.cc
  absl::StatusOr<v1::Booking> ApproveBooking(const rpc::Call&, const v1::ApproveBookingRequest&);
  absl::StatusOr<v1::Booking> DeclineBooking(const rpc::Call&, const v1::DeclineBookingRequest&);
  absl::StatusOr<v1::Booking> CheckinBooking(const rpc::Call&, const v1::CheckinBookingRequest&);
  absl::StatusOr<v1::Booking> CompleteBooking(const rpc::Call&, const v1::CompleteBookingRequest&);
  absl::StatusOr<v1::Booking> CancelBooking(const rpc::Call&, const v1::CancelBookingRequest&);
  // What the clock does to bookings, a few hundred of each a run, each journalled: those that can
  // no longer be used are cancelled, requests that were not decided by their beginning lapse, users
  // who did not come are marked, bookings that are near are reminded of. Returns how many. A job
  // calls it, on every replica.
  absl::StatusOr<int> RunClock();

  // use_records.cc
  absl::StatusOr<v1::UseRecord> GetUseRecord(const rpc::Call&, const v1::GetUseRecordRequest&);
  absl::StatusOr<v1::ListUseRecordsResponse> ListUseRecords(const rpc::Call&,
                                                            const v1::ListUseRecordsRequest&);
  absl::StatusOr<v1::UseRecord> UpdateUseRecord(const rpc::Call&,
                                                const v1::UpdateUseRecordRequest&);
  absl::StatusOr<v1::ImportResult> ImportUseRecords(const rpc::Call&,
                                                    const v1::ImportUseRecordsRequest&);
  absl::StatusOr<google::api::HttpBody> ExportUseRecords(
      const rpc::Call& call, const v1::ExportUseRecordsRequest& request);

  // utilisation.cc
  absl::StatusOr<v1::ListUtilisationResponse> ListUtilisation(const rpc::Call&,
                                                              const v1::ListUtilisationRequest&);
  absl::StatusOr<v1::UtilisationSummary> SummarizeUtilisation(
      const rpc::Call&, const v1::SummarizeUtilisationRequest&);
  absl::StatusOr<google::api::HttpBody> ExportUtilisation(const rpc::Call&,
                                                          const v1::ExportUtilisationRequest&);

 private:
  // Names of organizations and platforms as they are now, by resource name.
  using TitlesByName = absl::flat_hash_map<std::string, std::string>;
  // Adds what `rows` name and `titles` does not hold yet.
  absl::Status AddTitles(db::Session& session, absl::Span<const v1::Instrument> rows,
                         TitlesByName* titles);
  // Fills what is computed for every reader.
  void Describe(const TitlesByName& titles, v1::Instrument* row) const;
  // Fills what is computed for the caller.
  absl::Status Present(const rpc::Call& call, absl::Span<v1::Instrument> rows);
  absl::StatusOr<v1::Instrument> PresentOne(const rpc::Call& call, v1::Instrument row);
  void Present(const rpc::Call& call, v1::Booking* row) const;
  absl::Status Present(const rpc::Call& call, absl::Span<v1::UseRecord> rows);
  // Whose and which instrument each is about, as they are called now.
  static absl::Status Describe(db::Session& session, absl::Span<v1::UseRecord> rows);

  // Violations of rules, owner and platform; the same for a create and an update. Sets
  // platform_published where the platform is new to the row.
  absl::Status CheckInstrument(rpc::Change& change, const v1::Instrument* stored,
                               v1::Instrument* row);
  // ALREADY_EXISTS with the holder if another instrument of the owner has the asset number.
  absl::Status CheckAssetNumber(db::Session& session, const v1::Instrument* stored,
                                const v1::Instrument& row);
  // OPEN with its verdicts; soft rules are set aside with a reason.
  absl::Status MarkOpen(const rpc::Call& call, absl::Time now, absl::string_view override_reason,
                        v1::Instrument* row) const;
  // One transition of InstrumentLife; `edit` writes what it brings besides the state.
  using InstrumentEdit = absl::FunctionRef<absl::Status(rpc::Change&, v1::Instrument&)>;
  absl::StatusOr<v1::Instrument> Transit(const rpc::Call& call,
                                         const google::protobuf::Message& request,
                                         const std::string& name, const std::string& etag,
                                         absl::string_view verb, InstrumentEdit edit);

  // Sets aside, in the first of the caller's roles that may, what is not satisfied.
  // FAILED_PRECONDITION with the verdicts if there is something and no reason.
  absl::Status RequireOrSetAside(const rpc::Call& call, absl::string_view reason,
                                 policy::v1::Verdicts* verdicts) const;

  // What the rows of a sheet are held against.
  struct ImportFacts {
    std::unique_ptr<const Directory> directory;
    // By owner and title.
    absl::flat_hash_map<std::string, const v1::Platform*> platforms;
    // By owner and asset number.
    absl::flat_hash_map<std::string, const v1::Instrument*> stored;
    const sheet::TablePlaces* places = nullptr;
    google::protobuf::FieldMask copied;
  };
  // What a row of the sheet makes of the stored one (null if there is none); its violations by
  // field, empty = it may be written.
  std::vector<status::Violation> PlanRow(const rpc::Call& call, absl::Time now,
                                         const ImportFacts& facts, const v1::Instrument& message,
                                         bool open, v1::Instrument* merged,
                                         const v1::Instrument** stored) const;

  // Asks for the row's time as if anew: who asks, when, at what price, under which rules, and that
  // nobody else has it. Sets quote, verdicts and state. `prefix` stands before fields in errors.
  absl::Status Ask(rpc::Change& change, const v1::Instrument& instrument, absl::string_view prefix,
                   v1::Booking* row);
  // APPROVED where nothing stands against it.
  void ApproveIfSatisfied(absl::Time now, v1::Booking* row) const;
  // One transition of BookingLife by its owner or requester; `edit` gets the row before as well,
  // `first` comes before the row is locked.
  using BookingEdit =
      absl::FunctionRef<absl::Status(rpc::Change&, const v1::Booking& before, v1::Booking&)>;
  absl::StatusOr<v1::Booking> Transit(
      const rpc::Call& call, const google::protobuf::Message& request, const std::string& name,
      const std::string& etag, absl::string_view verb, BookingEdit edit,
      absl::FunctionRef<absl::Status(rpc::Change&)> first = [](rpc::Change&) {
        return absl::OkStatus();
      });
  // Bookings that hold `due`, each changed by `edit` and journalled as what that answers, in one
  // transaction; if one of them cannot be, each in its own, and that one later and later, as
  // `held_back`, which is this job's, has it.
  using DueEdit =
      absl::FunctionRef<absl::StatusOr<absl::string_view>(db::Session&, absl::Time, v1::Booking&)>;
  absl::StatusOr<int> ForEachDue(absl::FunctionRef<db::Predicate(absl::Time)> due,
                                 absl::string_view order, DueEdit edit, HeldBack* held_back);
  // One transaction of that: `names` are those that it took, whatever came of it.
  absl::Status ChangeDue(db::Session& session, absl::Time now, const db::Predicate& due,
                         absl::string_view order, DueEdit edit, std::vector<std::string>* names);
  // Bookings to come of instruments that are suspended for so long now, or not public any more.
  absl::StatusOr<int> SettleLasting();
  // Of one that nobody came to: "noshow", or "cancel" where the instrument was out of order.
  absl::StatusOr<absl::string_view> Miss(db::Session& session, absl::Time now, v1::Booking& row);

  // Instruments whose use the caller answers for: its own, or all for those who oversee.
  db::Predicate Accountable(const rpc::Call& call) const;
  // Figures of `instruments`, in their order.
  absl::StatusOr<std::vector<v1::Utilisation>> Utilisations(
      db::Session& session, absl::Span<const v1::Instrument> instruments, int year,
      absl::Time as_of);
  // Those of all instruments below the parent that the caller answers for, with the instruments.
  struct Reckoning {
    std::vector<v1::Instrument> instruments;
    std::vector<v1::Utilisation> figures;
    TitlesByName titles;
  };
  absl::StatusOr<Reckoning> Reckon(const rpc::Call& call, const std::string& parent, int year,
                                   absl::Time as_of);
  // Sums by platform or organization, by name of the group.
  std::vector<v1::Utilisation> Grouped(const Reckoning& reckoning, v1::UtilisationGrouping group_by,
                                       int year, absl::Time as_of) const;

  const Deps deps_;
  const db::Table<v1::Organization> organizations_;
  const db::Table<v1::Platform> platforms_;
  const db::Table<v1::Instrument> instruments_;
  const db::Table<v1::Booking> bookings_;
  const db::Table<v1::UseRecord> use_records_;
  // Of each job by itself: what cannot be reminded of still lapses or is missed in its time.
  HeldBack not_lapsed_;
  HeldBack not_missed_;
  HeldBack not_reminded_;
};

}  // namespace chanyan::registry
