// What a description must say before it may be built: who may call, who sees which row, how it is
// called in people's language. Run over all linked protos by tools/check-protos in every build.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace chanyan::auth {

// Our own files in the program's pool, by name.
std::vector<const google::protobuf::FileDescriptor*> LinkedFiles();

// One sentence for each thing wrong, beginning with the file and the full name of what is wrong;
// empty = may be built.
std::vector<std::string> PolicyProblems(const google::protobuf::FileDescriptor* file);

// Path template of google.api.http: "" if it can be read and its variables are fields of `request`,
// else what is wrong.
//   /v1/{name=projects/*}:sign   /v1/{project.name=projects/*}   /v1/{parent=journals/*}/entries
std::string PathProblem(absl::string_view path, const google::protobuf::Descriptor* request);

}  // namespace chanyan::auth
