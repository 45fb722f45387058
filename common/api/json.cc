#include "common/api/json.h"

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/type.pb.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace chanyan::api {
namespace {

namespace pb = google::protobuf;

constexpr char kPrefix[] = "type.googleapis.com";
// The one option that the conversion looks at.
constexpr char kMapEntry[] = "map_entry";

void Strip(pb::Type* type) {
  for (pb::Field& field : *type->mutable_fields()) field.clear_options();
  pb::Type kept;
  for (const pb::Option& option : type->options()) {
    if (option.name() == kMapEntry) *kept.add_options() = option;
  }
  type->mutable_options()->Swap(kept.mutable_options());
}

void Strip(pb::Enum* type) {
  type->clear_options();
  for (pb::EnumValue& value : *type->mutable_enumvalue()) value.clear_options();
}

// Thread-safe.
class KnownTypes final : public pb::util::TypeResolver {
 public:
  KnownTypes()
      : source_(pb::util::NewTypeResolverForDescriptorPool(kPrefix,
                                                           pb::DescriptorPool::generated_pool())) {}

  pb::util::Status ResolveMessageType(const std::string& url, pb::Type* type) override {
    return Resolve(messages_, url, type, [this](const std::string& name, pb::Type* fresh) {
      return source_->ResolveMessageType(name, fresh);
    });
  }
  pb::util::Status ResolveEnumType(const std::string& url, pb::Enum* type) override {
    return Resolve(enums_, url, type, [this](const std::string& name, pb::Enum* fresh) {
      return source_->ResolveEnumType(name, fresh);
    });
  }

 private:
  template <typename T, typename Source>
  pb::util::Status Resolve(absl::flat_hash_map<std::string, T>& known, const std::string& url,
                           T* type, const Source& source) {
    {
      absl::ReaderMutexLock lock(&mutex_);
      const auto found = known.find(url);
      if (found != known.end()) {
        *type = found->second;
        return {};
      }
    }
    pb::util::Status status = source(url, type);
    if (!status.ok()) return status;
    Strip(type);
    absl::MutexLock lock(&mutex_);
    known.emplace(url, *type);
    return status;
  }

  const std::unique_ptr<pb::util::TypeResolver> source_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, pb::Type> messages_;
  absl::flat_hash_map<std::string, pb::Enum> enums_;
};

// Immutable in effect; never destroyed, so that calls at exit find it.
pb::util::TypeResolver* Types() {
  static pb::util::TypeResolver* const types = new KnownTypes;
  return types;
}

std::string UrlOf(const pb::Message& message) {
  return absl::StrCat(kPrefix, "/", message.GetDescriptor()->full_name());
}

absl::Status ToAbsl(const pb::util::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(status.message()));
}

}  // namespace

absl::Status MessageToJson(const pb::Message& message, const pb::util::JsonPrintOptions& options,
                           std::string* json) {
  return ToAbsl(pb::util::BinaryToJsonString(Types(), UrlOf(message), message.SerializeAsString(),
                                             json, options));
}

absl::Status JsonToMessage(absl::string_view json, const pb::util::JsonParseOptions& options,
                           pb::Message* message) {
  std::string binary;
  const absl::Status status = ToAbsl(pb::util::JsonToBinaryString(
      Types(), UrlOf(*message), pb::StringPiece(json.data(), json.size()), &binary, options));
  if (!status.ok()) return status;
  if (!message->ParseFromString(binary)) {
    return absl::InvalidArgumentError("converted JSON is no message");
  }
  return absl::OkStatus();
}

}  // namespace chanyan::api
