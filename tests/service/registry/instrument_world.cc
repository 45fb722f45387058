#include "tests/service/registry/instrument_world.h"

#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "services/registry/instrument_text_rules.h"

namespace chanyan::registry {

absl::Time InChina(int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(2025, month, day, hour, minute), time::Shanghai());
}

std::string Places(const absl::Status& status) {
  std::string out;
  for (const status::Violation& violation : status::ViolationsOf(status)) {
    absl::StrAppend(&out, violation.field, "|", violation.description, "\n");
  }
  return out;
}

InstrumentWorld::InstrumentWorld(const std::string& city)
    : database_(testing::ComponentsOf("registry")),
      pack_(testing::ShippedPack(city)),
      registry_({{database_.db(), clock_, nullptr}, *pack_}),
      service_({{database_.db(), clock_, nullptr}, *pack_}) {
  MakeOrganization("ouc", v1::ORGANIZATION_KIND_UNIVERSITY);
  MakeOrganization("upc", v1::ORGANIZATION_KIND_UNIVERSITY);
  MakeOrganization("e1", v1::ORGANIZATION_KIND_ENTERPRISE, 1);
  MakeOrganization("e2", v1::ORGANIZATION_KIND_ENTERPRISE, 2);
  MakePlatform(kOuc, "lab");
}

rpc::Call InstrumentWorld::As(options::v1::Role role, absl::string_view organization,
                              absl::string_view method) {
  return testing::CallAs(role, organization,
                         absl::StrCat("chanyan.registry.v1.InstrumentService.", method));
}

rpc::Call InstrumentWorld::Of(absl::string_view organization, absl::string_view method) {
  const bool university = organization == kOuc || organization == kUpc;
  return As(university ? options::v1::ROLE_RESEARCH_OFFICE : options::v1::ROLE_ENTERPRISE,
            organization, method);
}

v1::Instrument InstrumentWorld::Sample(const std::string& asset_number) {
  v1::Instrument row;
  row.set_platform(kLab);
  row.set_asset_number(asset_number);
  row.set_display_name(absl::StrCat("扫描电镜", asset_number, "（演示）"));
  row.set_maker("演示仪器公司");
  row.set_booking_mode(v1::BOOKING_MODE_APPROVAL);
  row.set_access_conditions("来样测试，也可自行操作");
  row.set_contact_person("王老师");
  row.set_contact_phone("0532-52345678");
  row.set_demonstration(true);
  const auto hours = ParseHours("每天 08:00-20:00");
  row.mutable_hours()->Assign(hours->begin(), hours->end());
  for (const char* type : {"own", "academic", "enterprise", "other"}) {
    v1::Charge& charge = *row.add_charges();
    charge.set_user_type(type);
    charge.set_basis(v1::CHARGE_BASIS_HOUR);
    charge.mutable_price()->set_currency_code("CNY");
    charge.mutable_price()->set_units(100);
  }
  return row;
}

absl::StatusOr<v1::Instrument> InstrumentWorld::Create(const rpc::Call& call,
                                                       const std::string& parent,
                                                       const v1::Instrument& instrument) {
  v1::CreateInstrumentRequest request;
  request.set_parent(parent);
  *request.mutable_instrument() = instrument;
  request.set_request_id(api::NewUuid());
  return service_.CreateInstrument(call, request);
}

v1::Instrument InstrumentWorld::Draft(const std::string& asset_number, const Edit& edit) {
  v1::Instrument wanted = Sample(asset_number);
  if (edit != nullptr) edit(&wanted);
  const auto made = Create(Owner("CreateInstrument"), kOuc, wanted);
  EXPECT_TRUE(made.ok()) << made.status() << Places(made.status());
  return made.ok() ? *made : v1::Instrument();
}

v1::Instrument InstrumentWorld::Opened(const std::string& asset_number, const Edit& edit) {
  const auto opened = Do("open", Draft(asset_number, edit).name());
  EXPECT_TRUE(opened.ok()) << opened.status() << Places(opened.status());
  return opened.ok() ? *opened : v1::Instrument();
}

absl::StatusOr<v1::Instrument> InstrumentWorld::Get(const rpc::Call& call,
                                                    const std::string& name) {
  return service_.GetInstrument(call, Named<v1::GetInstrumentRequest>(name));
}

absl::StatusOr<v1::Instrument> InstrumentWorld::Update(const v1::Instrument& update,
                                                       std::vector<std::string> mask) {
  v1::UpdateInstrumentRequest request;
  *request.mutable_instrument() = update;
  for (std::string& path : mask) request.mutable_update_mask()->add_paths(std::move(path));
  request.set_request_id(api::NewUuid());
  return service_.UpdateInstrument(Owner("UpdateInstrument"), request);
}

absl::StatusOr<v1::Instrument> InstrumentWorld::Do(const std::string& verb,
                                                   const std::string& instrument) {
  if (verb == "open") {
    return service_.OpenInstrument(Owner("OpenInstrument"),
                                   Named<v1::OpenInstrumentRequest>(instrument));
  }
  if (verb == "suspend") {
    auto request = Named<v1::SuspendInstrumentRequest>(instrument);
    request.set_reason("更换灯丝");
    return service_.SuspendInstrument(Owner("SuspendInstrument"), request);
  }
  if (verb == "resume") {
    return service_.ResumeInstrument(Owner("ResumeInstrument"),
                                     Named<v1::ResumeInstrumentRequest>(instrument));
  }
  auto request = Named<v1::RetireInstrumentRequest>(instrument);
  request.set_reason("报废");
  return service_.RetireInstrument(Owner("RetireInstrument"), request);
}

v1::CreateBookingRequest InstrumentWorld::Asking(const std::string& instrument, absl::Time begin,
                                                 absl::Time end) {
  v1::CreateBookingRequest request;
  request.set_parent(instrument);
  v1::Booking& booking = *request.mutable_booking();
  *booking.mutable_start_time() = time::ToTimestamp(begin);
  *booking.mutable_end_time() = time::ToTimestamp(end);
  booking.set_purpose(v1::USE_PURPOSE_RESEARCH);
  booking.set_subject("断口形貌");
  booking.set_expected_samples(2);
  booking.mutable_contact()->set_person("李工");
  booking.mutable_contact()->set_phone("13800138000");
  booking.set_demonstration(true);
  request.set_request_id(api::NewUuid());
  return request;
}

absl::StatusOr<v1::Booking> InstrumentWorld::Book(absl::string_view organization,
                                                  const std::string& instrument, absl::Time begin,
                                                  absl::Time end) {
  return service_.CreateBooking(Of(organization, "CreateBooking"), Asking(instrument, begin, end));
}

v1::Booking InstrumentWorld::Booked(absl::string_view organization, const std::string& instrument,
                                    absl::Time begin, absl::Time end) {
  const auto made = Book(organization, instrument, begin, end);
  EXPECT_TRUE(made.ok()) << made.status() << Places(made.status());
  return made.ok() ? *made : v1::Booking();
}

v1::Booking InstrumentWorld::ApprovedBooking(absl::string_view organization,
                                             const std::string& instrument, absl::Time begin,
                                             absl::Time end) {
  const auto approved = DoAs(kOuc, "approve", Booked(organization, instrument, begin, end).name());
  EXPECT_TRUE(approved.ok()) << approved.status();
  return approved.ok() ? *approved : v1::Booking();
}

absl::StatusOr<v1::Booking> InstrumentWorld::GetBooking(const rpc::Call& call,
                                                        const std::string& name) {
  return service_.GetBooking(call, Named<v1::GetBookingRequest>(name));
}

v1::Booking InstrumentWorld::Stored(const std::string& booking) {
  const auto row = GetBooking(Owner("GetBooking"), booking);
  EXPECT_TRUE(row.ok()) << row.status();
  return row.ok() ? *row : v1::Booking();
}

absl::StatusOr<v1::Booking> InstrumentWorld::DoAs(absl::string_view organization,
                                                  const std::string& verb,
                                                  const std::string& booking) {
  if (verb == "approve") {
    return service_.ApproveBooking(Of(organization, "ApproveBooking"),
                                   Named<v1::ApproveBookingRequest>(booking));
  }
  if (verb == "decline") {
    auto request = Named<v1::DeclineBookingRequest>(booking);
    request.set_reason("已安排教学实验");
    return service_.DeclineBooking(Of(organization, "DeclineBooking"), request);
  }
  if (verb == "checkin") {
    return service_.CheckinBooking(Of(organization, "CheckinBooking"),
                                   Named<v1::CheckinBookingRequest>(booking));
  }
  if (verb == "complete") {
    auto request = Named<v1::CompleteBookingRequest>(booking);
    request.set_used_minutes(60);
    request.set_samples(3);
    return service_.CompleteBooking(Of(organization, "CompleteBooking"), request);
  }
  auto request = Named<v1::CancelBookingRequest>(booking);
  request.set_reason("样品未到");
  return service_.CancelBooking(Of(organization, "CancelBooking"), request);
}

absl::StatusOr<v1::Booking> InstrumentWorld::Move(absl::string_view organization,
                                                  const std::string& booking, absl::Time begin,
                                                  absl::Time end) {
  auto request = Named<v1::RescheduleBookingRequest>(booking);
  *request.mutable_start_time() = time::ToTimestamp(begin);
  *request.mutable_end_time() = time::ToTimestamp(end);
  request.set_reason("出差");
  request.set_request_id(api::NewUuid());
  return service_.RescheduleBooking(Of(organization, "RescheduleBooking"), request);
}

void InstrumentWorld::MakeOrganization(const std::string& id, v1::OrganizationKind kind, int code) {
  v1::CreateOrganizationRequest request;
  request.set_organization_id(id);
  request.mutable_organization()->set_display_name(absl::StrCat(id, "（演示）"));
  request.mutable_organization()->set_kind(kind);
  if (code > 0) {
    request.mutable_organization()->set_unified_social_credit_code(testing::CreditCode(code));
  }
  const auto made = registry_.CreateOrganization(
      testing::CallAs(options::v1::ROLE_SECRETARIAT, "",
                      "chanyan.registry.v1.RegistryService.CreateOrganization"),
      request);
  EXPECT_TRUE(made.ok()) << made.status();
}

void InstrumentWorld::MakePlatform(const std::string& organization, const std::string& id) {
  const auto call = [&](options::v1::Role role, const char* method) {
    return testing::CallAs(role, organization,
                           absl::StrCat("chanyan.registry.v1.RegistryService.", method));
  };
  v1::CreatePlatformRequest request;
  request.set_parent(organization);
  request.set_platform_id(id);
  request.mutable_platform()->set_display_name(absl::StrCat("平台", id, "（演示）"));
  request.mutable_platform()->set_kind(v1::PLATFORM_KIND_SHARED_INSTRUMENTS);
  request.mutable_platform()->set_introduction("仪器共享平台");
  request.mutable_platform()->add_capabilities("分析测试");
  v1::Contact* contact = request.mutable_platform()->add_contacts();
  contact->set_person("王老师");
  contact->set_phone("0532-82345678");
  const auto made =
      registry_.CreatePlatform(call(options::v1::ROLE_RESEARCH_OFFICE, "CreatePlatform"), request);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(registry_
                  .SubmitPlatform(call(options::v1::ROLE_RESEARCH_OFFICE, "SubmitPlatform"),
                                  Named<v1::SubmitPlatformRequest>(made->name()))
                  .ok());
  ASSERT_TRUE(registry_
                  .PublishPlatform(call(options::v1::ROLE_SECRETARIAT, "PublishPlatform"),
                                   Named<v1::PublishPlatformRequest>(made->name()))
                  .ok());
}

absl::Status InstrumentWorld::WithdrawPlatform(const std::string& name) {
  auto request = Named<v1::WithdrawPlatformRequest>(name);
  request.set_reason("搬迁");
  return registry_
      .WithdrawPlatform(testing::CallAs(options::v1::ROLE_SECRETARIAT, "",
                                        "chanyan.registry.v1.RegistryService.WithdrawPlatform"),
                        request)
      .status();
}

}  // namespace chanyan::registry
