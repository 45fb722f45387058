// The parts of a written .docx beside its text, and the measures of GB/T 9704 that they share.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chanyan::document {

// In twentieths of a point: A4, and margins of 37, 26, 35 and 28 mm.
inline constexpr int kPageWidth = 11906;
inline constexpr int kPageHeight = 16838;
inline constexpr int kMarginTop = 2098;
inline constexpr int kMarginRight = 1474;
inline constexpr int kMarginBottom = 1984;
inline constexpr int kMarginLeft = 1588;
inline constexpr int kTextWidth = kPageWidth - kMarginLeft - kMarginRight;
// 28.95 points: 22 lines on the 225 mm between the margins.
inline constexpr int kLinePitch = 579;
// One character of 三号 (16 points).
inline constexpr int kCharacter = 320;

// Names of paragraph styles.
inline constexpr absl::string_view kMark = "Mark";
inline constexpr absl::string_view kNumberLine = "NumberLine";
inline constexpr absl::string_view kTitle = "Title";
inline constexpr absl::string_view kAddressee = "Addressee";
inline constexpr absl::string_view kBody = "Body";
inline constexpr absl::string_view kHeading = "Heading";
inline constexpr absl::string_view kCaption = "Caption";
inline constexpr absl::string_view kCell = "Cell";
inline constexpr absl::string_view kHeaderCell = "HeaderCell";
inline constexpr absl::string_view kSignature = "Signature";
inline constexpr absl::string_view kImprint = "Imprint";
inline constexpr absl::string_view kGap = "Gap";

// `title` and `creator` are escaped already.
std::string CorePropertiesXml(absl::string_view title, absl::string_view creator,
                              absl::Time created);
std::string ContentTypesXml();
std::string RootRelationsXml();
std::string DocumentRelationsXml();
std::string StylesXml();
std::string SettingsXml();
std::string FontTableXml();
// Page number, outside: right on odd pages, left on even ones.
std::string FooterXml(bool odd);
// The document around the text.
std::string DocumentXml(absl::string_view body);

}  // namespace chanyan::document
