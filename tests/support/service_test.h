// What tests of a service's handlers share: the components of its schema, a clock that stands
// still, calls made by hand, the shipped policy packs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/policy/pack.h"
#include "common/rpc/call.h"
#include "common/time/clock.h"
#include "google/api/httpbody.pb.h"
#include "google/protobuf/message.h"

namespace chanyan::testing {

// Moved by the test.
class FakeClock final : public time::Clock {
 public:
  absl::Time Now() const override { return now; }
  // 2025-04-01 09:00 in China.
  absl::Time now = absl::FromUnixSeconds(1'743'469'200);
};

// For TestDatabase: what every service has, and the service's own.
std::vector<std::string> ComponentsOf(absl::string_view service);

// A signed-in caller with one role, as `method` ("chanyan.registry.v1.RegistryService.GetPlatform")
// sees it; ROLE_PUBLIC is nobody.
rpc::Call CallAs(options::v1::Role role, absl::string_view organization, absl::string_view method);

// A pack of deploy/policies.
std::unique_ptr<const policy::Pack> ShippedPack(const std::string& city = "qingdao");

// A pack of this text and the shipped work calendars.
std::unique_ptr<const policy::Pack> PackOf(const std::string& text);

// The text of a file of the source tree.
std::string SourceText(absl::string_view path);

// A code with a good check character, made of up to eight digits.
std::string CreditCode(int number);

// One sheet with these rows, columns by the labels of the message.
std::string SheetOf(const google::protobuf::Descriptor* descriptor,
                    const std::vector<const google::protobuf::Message*>& rows);
template <class T>
google::api::HttpBody Upload(const std::vector<T>& rows) {
  std::vector<const google::protobuf::Message*> pointers;
  for (const T& row : rows) pointers.push_back(&row);
  google::api::HttpBody body;
  body.set_data(SheetOf(T::descriptor(), pointers));
  return body;
}

// The first column of a query, as text.
std::vector<std::string> Texts(db::Database& db, absl::string_view sql);

// What CheckTable has to say.
std::vector<std::string> TableDifferences(db::Database& db,
                                          const google::protobuf::Descriptor* resource);

}  // namespace chanyan::testing
