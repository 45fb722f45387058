// A well-formed HTTP call of any RPC, made from its description alone: what is required is filled
// with whatever has the right shape.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chanyan::e2e {

// The id that resources have in these calls, wherever their names allow any.
inline constexpr char kId[] = "access-1";
// An id of the same shape that nothing has.
inline constexpr char kAbsentId[] = "absent-9";

// Of all services of the suite, in the order of their files.
std::vector<const google::protobuf::MethodDescriptor*> AllRpcs();
// Stored resources with a table and a name.
std::vector<const google::protobuf::Descriptor*> StoredTypes();

// "projects/*/problems/*" of the resource; "" if it says none.
std::string StarsOf(const google::protobuf::Descriptor* resource);
// The pattern with `id` for the last star and ids of what exists for those before; cycles, years
// and what else has ids of a shape of its own get those.
std::string NameOf(const std::string& stars, const std::string& id = kId);

// A message of the type with what it requires.
std::unique_ptr<google::protobuf::Message> WellFormed(const google::protobuf::Descriptor* type);

// Messages that the message requires: what a table wants to have.
void FillMessages(google::protobuf::Message* message);

struct RpcCall {
  // Empty: it has no HTTP rule.
  std::string verb;
  std::string target;
  std::string body;
  std::string content_type;
  // Pattern of the path's variable, such as "projects/*"; empty: the path names no resource.
  std::string stars;
  // Pattern of what is below it that the path goes on to, such as "projects/*/problems/*".
  std::string below;
};

RpcCall CallOf(const google::protobuf::MethodDescriptor* rpc, const std::string& id = kId);

}  // namespace chanyan::e2e
