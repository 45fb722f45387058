#include "common/operation/kind.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/operation/v1/operation.pb.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/status/status.h"

namespace chanyan::operation {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

const rpc::UnaryMethod* HandlerOf(const std::vector<Handlers>& all, const KindRow& row) {
  for (const Handlers& handlers : all) {
    if (handlers.service != row.service) continue;
    for (const rpc::UnaryMethod& method : handlers.methods) {
      if (method.name == row.method) return &method;
    }
  }
  return nullptr;
}

std::vector<int> RolesOf(const MethodDescriptor& method) {
  const auto& roles = method.options().GetExtension(options::v1::method).roles();
  std::vector<int> sorted(roles.begin(), roles.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// What is wrong with a row whose parts were all found; empty if nothing is.
std::string Problem(const Kind& kind) {
  if (kind.begin->input_type() != kind.method->input_type()) return "takes another request";
  if (kind.begin->output_type() != v1::Operation::descriptor())
    return "does not begin an operation";
  if (RolesOf(*kind.begin) != RolesOf(*kind.method)) return "has other roles";
  if (kind.method->output_type()->full_name() == api::kHttpBody) return "answers with a file";
  if (kind.method->input_type()->FindFieldByName("request_id") == nullptr)
    return "has no request_id";
  return "";
}

}  // namespace

absl::StatusOr<std::vector<Kind>> KindsOf(absl::string_view work_service,
                                          absl::Span<const KindRow> rows,
                                          const std::vector<Handlers>& handlers) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const ServiceDescriptor* work = pool.FindServiceByName(std::string(work_service));
  if (work == nullptr) return status::Internal(absl::StrCat("no proto service ", work_service));
  std::vector<Kind> kinds;
  std::vector<std::string> mistakes;
  for (const KindRow& row : rows) {
    const std::string name = absl::StrCat(row.service, ".", row.method);
    Kind kind;
    kind.method = pool.FindMethodByName(name);
    kind.begin = work->FindMethodByName(absl::StrCat("Begin", row.method));
    kind.unit = std::string(row.unit);
    const rpc::UnaryMethod* handler = HandlerOf(handlers, row);
    if (kind.method == nullptr || kind.begin == nullptr || handler == nullptr) {
      mistakes.push_back(absl::StrCat(name, " is not there, has no Begin, or no handler"));
      continue;
    }
    kind.handler = *handler;
    if (std::string problem = Problem(kind); !problem.empty()) {
      mistakes.push_back(absl::StrCat(kind.begin->full_name(), " ", problem));
    }
    kinds.push_back(std::move(kind));
  }
  for (int i = 0; i < work->method_count(); ++i) {
    const MethodDescriptor* begin = work->method(i);
    if (std::none_of(kinds.begin(), kinds.end(),
                     [&](const Kind& kind) { return kind.begin == begin; })) {
      mistakes.push_back(absl::StrCat(begin->full_name(), " has no row"));
    }
  }
  if (!mistakes.empty()) return status::Internal(absl::StrJoin(mistakes, "; "));
  return kinds;
}

}  // namespace chanyan::operation
