// Short lists of messages as one cell of a sheet: entries apart by ； or line breaks, what belongs
// together by ｜, in the order of the fields; empty ends are left out.
//
//   中国海洋大学｜｜60；某公司｜｜40
//   发明专利｜ZL202010000000.0｜一种装置｜已授权
//
// Pure; by descriptor. Fields are strings, enums (Chinese label), whole and other numbers, dates.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::triage {

std::string ListText(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor* list);

// Replaces the list. INVALID_ARGUMENT that names the entry and what is wrong with it.
absl::Status ParseListText(absl::string_view text, const google::protobuf::FieldDescriptor* list,
                           google::protobuf::Message* message);

}  // namespace chanyan::triage
