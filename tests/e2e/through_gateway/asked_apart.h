// RPCs that name no row by their path and are asked in a way of their own whose rows they reach.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace chanyan::e2e {

// Of which resources a sheet or a figure shows the rows that its caller reaches; none if the RPC is
// neither. reach_test.cc asks it before others' rows are there and afterwards.
std::vector<const google::protobuf::Descriptor*> ShownBy(const std::string& rpc);
std::vector<std::string> AllShowing();

// RPCs that make or look for something and are told in body or query for whom or of what:
// strangers_test.cc names what is another's.
const std::vector<std::string>& AskedOfStrangers();
// RPCs that make something which all that may call them reach, whoever it is about: reach_test.cc
// asks the grants.
const std::vector<std::string>& MadeForAll();

}  // namespace chanyan::e2e
