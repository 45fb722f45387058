#include <algorithm>

#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/sheet/field_codec.h"
#include "common/sheet/table.h"
#include "google/api/field_behavior.pb.h"

namespace chanyan::sheet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A Chinese character takes two places, and the header is bold.
constexpr double kHeaderPadding = 2;

double HeaderWidth(absl::string_view header) {
  double width = kHeaderPadding;
  for (char c : header) {
    const auto byte = static_cast<unsigned char>(c);
    width += byte < 0x80 ? 1 : (byte & 0xC0) == 0xC0 ? 2 : 0;
  }
  return width;
}

}  // namespace

std::vector<TableColumn> TableColumns(const Descriptor* descriptor) {
  std::vector<std::pair<uint32_t, TableColumn>> ordered;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const options::v1::Field& options = field->options().GetExtension(options::v1::field);
    if (options.sheet_column() > 0 && FieldCodec::Supports(field)) {
      ordered.push_back({options.sheet_column(),
                         {field, options.label().empty() ? field->name() : options.label(),
                          api::HasBehavior(field, google::api::REQUIRED)}});
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TableColumn> columns;
  columns.reserve(ordered.size());
  for (auto& [order, column] : ordered) {
    columns.push_back(std::move(column));
  }
  return columns;
}

struct TableWriter::Impl {
  SheetWriter* sheet;
  std::vector<TableColumn> columns;
  std::vector<FieldCodec> codecs;
  std::vector<std::pair<std::string, std::vector<std::string>>> drop_downs;
  uint32_t drop_down_rows;
  uint32_t first_row;
};

TableWriter::TableWriter(Writer& writer, absl::string_view sheet_name, const Descriptor* descriptor,
                         const TableLayout& layout)
    : impl_(std::make_unique<Impl>()) {
  impl_->columns = TableColumns(descriptor);
  impl_->drop_downs = layout.drop_downs;
  impl_->drop_down_rows = layout.drop_down_rows;
  SheetLayout sheet_layout;
  for (const TableColumn& column : impl_->columns) {
    impl_->codecs.emplace_back(column.field);
    sheet_layout.columns.push_back(
        {.width = std::max(impl_->codecs.back().width(), HeaderWidth(column.header)),
         .unlocked = layout.unlocked_fields.contains(column.field->name()),
         .dates = impl_->codecs.back().dates()});
  }
  const auto top_rows = static_cast<uint32_t>(layout.title_rows.size() + 1);
  sheet_layout.freeze_rows = top_rows;
  sheet_layout.repeat_rows = top_rows;
  sheet_layout.protect = layout.protect;
  impl_->sheet = &writer.AddSheet(sheet_name, std::move(sheet_layout));
  impl_->first_row = top_rows + 1;
  for (size_t i = 0; i < layout.title_rows.size(); ++i) {
    impl_->sheet->TitleRow(layout.title_rows[i], i == 0 ? Look::kTitle : Look::kWrapped);
  }
  impl_->sheet->NewRow();
  for (const TableColumn& column : impl_->columns) {
    impl_->sheet->Text(column.header, Look::kHeader);
  }
}

TableWriter::~TableWriter() = default;

void TableWriter::Add(const google::protobuf::Message& message) {
  impl_->sheet->NewRow();
  for (const FieldCodec& codec : impl_->codecs) {
    codec.Write(message, *impl_->sheet);
  }
}

void TableWriter::Finish() {
  const uint32_t last_row =
      std::max(impl_->sheet->rows(), impl_->first_row + impl_->drop_down_rows - 1);
  for (size_t i = 0; i < impl_->columns.size(); ++i) {
    const FieldDescriptor* field = impl_->columns[i].field;
    const auto given =
        std::find_if(impl_->drop_downs.begin(), impl_->drop_downs.end(),
                     [&](const auto& drop_down) { return drop_down.first == field->name(); });
    if (given != impl_->drop_downs.end()) {
      impl_->sheet->DropDown(static_cast<uint32_t>(i), impl_->first_row, last_row, given->second);
    } else if (!field->is_repeated()) {
      impl_->sheet->DropDown(static_cast<uint32_t>(i), impl_->first_row, last_row,
                             impl_->codecs[i].choices());
    }
  }
}

}  // namespace chanyan::sheet
