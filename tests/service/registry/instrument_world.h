// What tests of instruments start from: a university with a published platform and open
// instruments, another university, two enterprises, and a clock that stands at 9:00 of Tuesday 1
// April 2025.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/registry/instrument_service.h"
#include "services/registry/registry_service.h"
#include "tests/service/registry/registry_world.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::registry {

inline constexpr char kE1[] = "organizations/e1";
inline constexpr char kE2[] = "organizations/e2";
inline constexpr char kLab[] = "organizations/ouc/platforms/lab";

absl::Time InChina(int month, int day, int hour = 0, int minute = 0);
// "field|description" of each violation, a line each.
std::string Places(const absl::Status& status);

template <class Request>
Request Named(const std::string& name);

class InstrumentWorld : public ::testing::Test {
 protected:
  explicit InstrumentWorld(const std::string& city = "qingdao");

  static rpc::Call As(options::v1::Role role, absl::string_view organization,
                      absl::string_view method);
  // The university's research office, which owns the instruments.
  static rpc::Call Owner(absl::string_view method) {
    return As(options::v1::ROLE_RESEARCH_OFFICE, kOuc, method);
  }
  // The role in which an organization's people commonly call.
  static rpc::Call Of(absl::string_view organization, absl::string_view method);

  // An instrument that can be opened: open each day, 8:00 to 20:00, with prices for all.
  static v1::Instrument Sample(const std::string& asset_number);
  absl::StatusOr<v1::Instrument> Create(const rpc::Call& call, const std::string& parent,
                                        const v1::Instrument& instrument);
  using Edit = std::function<void(v1::Instrument*)>;
  v1::Instrument Draft(const std::string& asset_number, const Edit& edit = nullptr);
  v1::Instrument Opened(const std::string& asset_number, const Edit& edit = nullptr);
  absl::StatusOr<v1::Instrument> Get(const rpc::Call& call, const std::string& name);
  absl::StatusOr<v1::Instrument> Update(const v1::Instrument& update,
                                        std::vector<std::string> mask);
  // open, suspend, resume or retire, by the owner.
  absl::StatusOr<v1::Instrument> Do(const std::string& verb, const std::string& instrument);

  static v1::CreateBookingRequest Asking(const std::string& instrument, absl::Time begin,
                                         absl::Time end);
  absl::StatusOr<v1::Booking> Book(absl::string_view organization, const std::string& instrument,
                                   absl::Time begin, absl::Time end);
  // That must succeed.
  v1::Booking Booked(absl::string_view organization, const std::string& instrument,
                     absl::Time begin, absl::Time end);
  v1::Booking ApprovedBooking(absl::string_view organization, const std::string& instrument,
                              absl::Time begin, absl::Time end);
  absl::StatusOr<v1::Booking> GetBooking(const rpc::Call& call, const std::string& name);
  v1::Booking Stored(const std::string& booking);
  // approve, decline, checkin, complete or cancel.
  absl::StatusOr<v1::Booking> DoAs(absl::string_view organization, const std::string& verb,
                                   const std::string& booking);
  absl::StatusOr<v1::Booking> Move(absl::string_view organization, const std::string& booking,
                                   absl::Time begin, absl::Time end);

  void MakeOrganization(const std::string& id, v1::OrganizationKind kind, int code = 0);
  // Creates it and leads it to PUBLISHED.
  void MakePlatform(const std::string& organization, const std::string& id);
  absl::Status WithdrawPlatform(const std::string& name);
  std::vector<std::string> Texts(absl::string_view sql) {
    return testing::Texts(database_.db(), sql);
  }

  testing::FakeClock clock_;
  testing::TestDatabase database_;
  const std::unique_ptr<const policy::Pack> pack_;
  RegistryService registry_;
  InstrumentService service_;
};

template <class Request>
Request Named(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

}  // namespace chanyan::registry
