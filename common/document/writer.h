// Writes official documents as .docx in memory, laid out by GB/T 9704—2012: A4, margins 37, 26, 35
// and 28 mm (top, right, bottom, left), 22 lines of 28 characters a page, title in 二号小标宋, body
// in 三号仿宋 with a first-line indent of two characters and fixed line spacing, headings 一、 in
// 黑体 and （一） in 楷体, page numbers — N — outside. The same calls make the same bytes; no clock
// is asked.
//
//   Writer writer({.created = issued, .title = "科技成果转化工作周报", .creator = "成果处"});
//   writer.Masthead({.mark = "科技成果转化专报", .number = "〔2025〕第1期", .issuer = "成果处",
//                    .day = absl::CivilDay(2025, 4, 1)});
//   writer.Title("2025年3月科技成果转化工作情况");
//   writer.Addressee("局主要领导、局分管领导");
//   writer.Heading(1, "总体进展");                        // 一、总体进展
//   writer.Heading(2, "各专班");                          // （一）各专班
//   writer.Paragraph("截至4月1日，共收集成果12项。");
//   writer.Table({.caption = "表1　进展", .columns = {{"专班", 3}, {"成果数", 1, Align::kCentre}},
//                 .rows = {{"第一服务专班", "7"}}});
//   writer.Signature("青岛市科学技术局", absl::CivilDay(2025, 4, 1));
//   absl::StatusOr<std::string> bytes = std::move(writer).Finish();
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace chanyan::document {

struct Properties {
  // Given, never taken from a clock.
  absl::Time created;
  std::string title;
  std::string creator = "产研";
};

// What stands above the red line.
struct Masthead {
  // 发文机关标志, in red.
  std::string mark;
  // 发文字号 or number of the issue; may be empty.
  std::string number;
  // Who issues it, left above the line, with the day on the right. An empty one leaves both away
  // and centres the number, as that of a letter.
  std::string issuer;
  absl::CivilDay day;
};

enum class Align : uint8_t { kLeft, kCentre, kRight };

struct Column {
  std::string header;
  // Share of the width of the page among the columns of the table; at least 1.
  int width = 1;
  Align align = Align::kLeft;
};

// Has borders; the header is repeated on every page, and no row is broken over two.
struct Table {
  // Above it, centred; may be empty.
  std::string caption;
  std::vector<Column> columns;
  // As many cells each as there are columns.
  std::vector<std::vector<std::string>> rows;
};

// What stands at the end between two lines (版记).
struct Imprint {
  // 抄送; may be empty.
  std::string copies_to;
  std::string printed_by;
  absl::CivilDay print_day;
};

// 1 → "一", 21 → "二十一"; 1 <= number <= 99, others in digits.
std::string ChineseNumber(int number);

// One document; not thread-safe. Line breaks in a paragraph begin a new one, in a cell a new line.
// Other control characters, direction marks and what is no UTF-8 are refused by Finish, each with
// its place.
class Writer {
 public:
  explicit Writer(Properties properties);

  void Masthead(const document::Masthead& masthead);
  void Title(absl::string_view text);
  // 主送, without its colon.
  void Addressee(absl::string_view text);
  // Levels 1 to 3: 一、 （一） 1. — counted by the writer; a level begins anew below the one above.
  void Heading(int level, absl::string_view text);
  void Paragraph(absl::string_view text);
  void Table(const document::Table& table);
  // 附件说明, counted if there is more than one.
  void Attachments(const std::vector<std::string>& titles);
  // 署名 and 成文日期, placed for a seal and kept on one page.
  void Signature(absl::string_view issuer, absl::CivilDay day);
  void Imprint(const document::Imprint& imprint);

  // The file. INVALID_ARGUMENT with every character that has no place in a document; INTERNAL if a
  // row has more or fewer cells than its table has columns. The writer is used up.
  absl::StatusOr<std::string> Finish() &&;

 private:
  // Checked and escaped; `where` names the place for people.
  std::string Text(absl::string_view text, absl::string_view where);
  void Line(absl::string_view style, absl::string_view text, absl::string_view where,
            absl::string_view extra = "");

  Properties properties_;
  std::string body_;
  std::vector<std::string> faults_;
  std::string broken_table_;
  int heading_[3] = {0, 0, 0};
  int paragraphs_ = 0;
  int tables_ = 0;
};

}  // namespace chanyan::document
