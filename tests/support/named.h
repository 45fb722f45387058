// Requests about one resource, for worlds that ask for many.
#pragma once

#include <string>

#include "common/api/names.h"

namespace chanyan::testing {

// A base class, so that its members are at hand in whatever is derived from it.
struct NamedRequests {
  // With a request id of its own.
  template <class Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_request_id(api::NewUuid());
    return request;
  }
};

}  // namespace chanyan::testing
