// Whose an address is, as far as it shows: what one connection has, and the network it is of. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace chanyan::api {

struct Place {
  // An IPv4 address; of IPv6 its /64, which is what one connection has.
  std::string address;
  // A /24 of IPv4, a /48 of IPv6.
  std::string network;
};

// IPv4 written as IPv6 is IPv4, zones of link-local addresses are left out; what is no address is a
// place of its own.
Place PlaceOf(absl::string_view address);

}  // namespace chanyan::api
