#include "services/registry/instrument_service.h"

namespace chanyan::registry {

std::vector<rpc::UnaryMethod> InstrumentService::Methods() {
  using S = InstrumentService;
  return {
      rpc::Unary("GetInstrument", this, &S::GetInstrument),
      rpc::Unary("ListInstruments", this, &S::ListInstruments),
      rpc::Unary("CreateInstrument", this, &S::CreateInstrument),
      rpc::Unary("UpdateInstrument", this, &S::UpdateInstrument),
      rpc::Unary("OpenInstrument", this, &S::OpenInstrument),
      rpc::Unary("SuspendInstrument", this, &S::SuspendInstrument),
      rpc::Unary("ResumeInstrument", this, &S::ResumeInstrument),
      rpc::Unary("RetireInstrument", this, &S::RetireInstrument),
      rpc::Unary("ImportInstruments", this, &S::ImportInstruments),
      rpc::Unary("ExportInstruments", this, &S::ExportInstruments),
      rpc::Unary("QueryAvailability", this, &S::QueryAvailability),
      rpc::Unary("GetBooking", this, &S::GetBooking),
      rpc::Unary("ListBookings", this, &S::ListBookings),
      rpc::Unary("CreateBooking", this, &S::CreateBooking),
      rpc::Unary("ApproveBooking", this, &S::ApproveBooking),
      rpc::Unary("DeclineBooking", this, &S::DeclineBooking),
      rpc::Unary("RescheduleBooking", this, &S::RescheduleBooking),
      rpc::Unary("CheckinBooking", this, &S::CheckinBooking),
      rpc::Unary("CompleteBooking", this, &S::CompleteBooking),
      rpc::Unary("CancelBooking", this, &S::CancelBooking),
      rpc::Unary("ExportBookings", this, &S::ExportBookings),
      rpc::Unary("GetUseRecord", this, &S::GetUseRecord),
      rpc::Unary("ListUseRecords", this, &S::ListUseRecords),
      rpc::Unary("UpdateUseRecord", this, &S::UpdateUseRecord),
      rpc::Unary("ImportUseRecords", this, &S::ImportUseRecords),
      rpc::Unary("ExportUseRecords", this, &S::ExportUseRecords),
      rpc::Unary("ListUtilisation", this, &S::ListUtilisation),
      rpc::Unary("SummarizeUtilisation", this, &S::SummarizeUtilisation),
      rpc::Unary("ExportUtilisation", this, &S::ExportUtilisation),
  };
}

}  // namespace chanyan::registry
