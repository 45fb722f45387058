// What of a result or a demand is content: what people fill in (TRI-1). Pure.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace chanyan::triage {

// Labels of the content that differs between two of one type, in the order of the fields.
std::vector<std::string> ChangedContent(const google::protobuf::Message& before,
                                        const google::protobuf::Message& after);

}  // namespace chanyan::triage
