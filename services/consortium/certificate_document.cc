#include "services/consortium/certificate_document.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/document/writer.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"

namespace chanyan::consortium {

absl::StatusOr<std::string> CertificateDocument(const v1::Certificate& certificate,
                                                const v1::Filing& filing) {
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay filed, time::ToCivilDay(certificate.file_date()));
  CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay last, time::ToCivilDay(certificate.valid_until()));
  const std::string title = "创新联合体备案证书";
  document::Writer writer({.created = time::StartOfDay(filed),
                           .title = absl::StrCat(title, " ", certificate.filing_number()),
                           .creator = certificate.issuer_title()});
  writer.Masthead({.mark = certificate.issuer_title(), .number = certificate.filing_number()});
  writer.Title(title);
  if (filing.state() != v1::FILING_STATE_VALID) {
    std::string words = absl::StrCat("（本备案", policy::LabelOf(filing.state()));
    if (filing.has_end_date()) {
      CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay ended, time::ToCivilDay(filing.end_date()));
      absl::StrAppend(&words, "，终止日期为", time::FormatDateZh(ended));
    }
    writer.Paragraph(absl::StrCat(words, "，本证书不再有效。）"));
  }
  writer.Paragraph(absl::StrCat("经专家审查、现场考察、答辩评审并向社会公示，“",
                                certificate.consortium_title(), "”准予备案，有效期自",
                                time::FormatDateZh(filed), "至", time::FormatDateZh(last), "。"));
  std::vector<std::vector<std::string>> rows = {
      {"备案编号", certificate.filing_number()},
      {"创新联合体", certificate.consortium_title()},
      {"牵头单位",
       certificate.lead_unit_title().empty() ? "（待更换）" : certificate.lead_unit_title()},
      {"成员单位", absl::StrJoin(certificate.member_titles(), "\n")},
      {"首席专家", certificate.chief_expert()},
      {"产业领域", absl::StrJoin(certificate.industries(), "、")},
      {"细分赛道", certificate.track()},
      {"核验码", certificate.verification_code()},
  };
  if (filing.valid_months() > 0) {
    rows.insert(rows.begin() + 1, {"有效期", absl::StrCat(filing.valid_months(), "个月，至",
                                                          time::FormatDateZh(last))});
  }
  writer.Table(
      {.columns = {{"项目", 2, document::Align::kCentre}, {"内容", 7}}, .rows = std::move(rows)});
  writer.Paragraph(
      absl::StrCat("任何人可凭备案编号和核验码在备案名录（/v1/filings:verify）核验本证书的真伪和当"
                   "前状态。证书数据摘要（SHA-256）：",
                   certificate.certificate_sha256(), "。"));
  writer.Signature(certificate.issuer_title(), filed);
  return std::move(writer).Finish();
}

}  // namespace chanyan::consortium
