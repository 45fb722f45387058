// RPCs of which reach_test.cc cannot ask whose rows they reach, each with the reason and with what
// does. A new RPC is asked, or it stands here.
#pragma once

#include <string>
#include <vector>

namespace chanyan::e2e {

// Why it is not asked with a row of another's; null if it is.
const char* UnreachedReason(const std::string& rpc);
std::vector<std::string> AllUnreached();
// Why it may be refused for what it says before the row is looked up; null if it may not. Of a row
// of another's it says then what it says of none.
const char* JudgedFirstReason(const std::string& rpc);
// Why a Get does not answer with a row that holds nothing but its owner; null if it does.
const char* UnreadReason(const std::string& rpc);
// Why one who may read the row that it names, and not change it, may be served; null if he is not.
const char* ReadersMayReason(const std::string& rpc);

}  // namespace chanyan::e2e
