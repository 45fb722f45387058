#include "common/rpc/registrations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/status/status.h"

namespace chanyan::rpc {

namespace {

bool HasText(const google::protobuf::Descriptor* type, const char* name) {
  const auto* field = type->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() &&
         field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
}

}  // namespace

void Registrations::Add(absl::string_view service, std::vector<UnaryMethod> methods) {
  const std::string name(service);
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
  if (descriptor == nullptr) {
    mistakes_.push_back(absl::StrCat("no proto service ", name));
    return;
  }
  if (std::find(services_.begin(), services_.end(), name) != services_.end()) {
    mistakes_.push_back(absl::StrCat(name, " is registered twice"));
    return;
  }
  services_.push_back(name);
  for (UnaryMethod& method : methods) AddMethod(descriptor, std::move(method));
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const std::string path = absl::StrCat("/", name, "/", descriptor->method(i)->name());
    if (!paths_.contains(path)) mistakes_.push_back(absl::StrCat(path, " has no handler"));
  }
}

void Registrations::AddMethod(const google::protobuf::ServiceDescriptor* service,
                              UnaryMethod method) {
  const std::string path = absl::StrCat("/", service->full_name(), "/", method.name);
  const auto* descriptor = service->FindMethodByName(method.name);
  if (descriptor == nullptr) {
    mistakes_.push_back(absl::StrCat(path, " is not in the proto"));
    return;
  }
  if (descriptor->client_streaming()) {
    mistakes_.push_back(absl::StrCat(path, " is a stream from the client"));
  }
  if (descriptor->server_streaming() && (!HasText(descriptor->input_type(), "last_event_id") ||
                                         !HasText(descriptor->output_type(), "event_id"))) {
    mistakes_.push_back(absl::StrCat(path, " is a stream without last_event_id and event_id"));
  }
  if (method.request_prototype->GetDescriptor() != descriptor->input_type() ||
      method.reply_type != descriptor->output_type()) {
    mistakes_.push_back(absl::StrCat(path, " has a handler of other types"));
  }
  if (!descriptor->options().HasExtension(options::v1::method) ||
      descriptor->options().GetExtension(options::v1::method).roles().empty()) {
    mistakes_.push_back(absl::StrCat(path, " has no policy"));
  }
  auto served = std::make_unique<ServedMethod>(Describe(descriptor));
  served->handler = std::move(method);
  served->index = methods_.size();
  if (!paths_.insert(path).second) {
    mistakes_.push_back(absl::StrCat(path, " has two handlers"));
    return;
  }
  methods_.push_back(std::move(served));
}

absl::Status Registrations::Check() const {
  if (mistakes_.empty()) return absl::OkStatus();
  return status::Internal(absl::StrJoin(mistakes_, "; "));
}

std::vector<const ServedMethod*> Registrations::methods() const {
  std::vector<const ServedMethod*> methods;
  for (const auto& method : methods_) methods.push_back(method.get());
  return methods;
}

}  // namespace chanyan::rpc
