// Finding again what an earlier run made, when its own notes are lost.
#pragma once

#include "google/protobuf/struct.pb.h"

namespace chanyan::demo {

// Whether `item` of a collection is what a request with the body `asked` made: each text and each
// list of texts that was asked stands there as it was asked. Days, times and what is inside of
// other objects are those of the run that made it, and are not compared. False if no text was
// asked.
bool IsWhatWasAsked(const google::protobuf::Struct& asked, const google::protobuf::Struct& item);

}  // namespace chanyan::demo
