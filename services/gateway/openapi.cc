#include "services/gateway/openapi.h"

#include <fstream>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/api/fields.h"
#include "common/api/json.h"
#include "common/status/status.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "services/gateway/routes.h"

namespace chanyan::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Messages inside messages, as query parameters: "a.b".
constexpr int kMaxQueryDepth = 2;

std::string Quoted(absl::string_view text) {
  std::string out;
  api::AppendJsonString(text, out);
  return out;
}

// Builds one JSON object: `"key":value` pairs, value being JSON already.
class Object {
 public:
  Object& Add(absl::string_view key, absl::string_view json) {
    absl::StrAppend(&text_, text_.empty() ? "" : ",", Quoted(key), ":", json);
    return *this;
  }
  Object& Text(absl::string_view key, absl::string_view text) {
    if (!text.empty()) Add(key, Quoted(text));
    return *this;
  }
  std::string Done() const { return absl::StrCat("{", text_, "}"); }

 private:
  std::string text_;
};

std::string Array(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

std::string Reference(absl::string_view name) {
  return Object().Text("$ref", absl::StrCat("#/components/schemas/", name)).Done();
}

// Comments by full name.
class Comments {
 public:
  absl::Status Load(const std::string& path) {
    if (path.empty()) return absl::OkStatus();
    std::ifstream in(path, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    if (!in || !set.ParseFromIstream(&in)) {
      return status::InvalidField("--descriptors",
                                  absl::StrCat("文件无法读取或不是描述符集：", path));
    }
    for (const auto& file : set.file()) {
      if (!absl::StartsWith(file.package(), "chanyan.")) continue;
      for (const auto& location : file.source_code_info().location()) {
        const std::string name = NameOf(file, location);
        std::string text(absl::StripAsciiWhitespace(location.leading_comments()));
        if (!name.empty() && !text.empty()) comments_[name] = Unwrap(text);
      }
    }
    return absl::OkStatus();
  }
  std::string Of(absl::string_view name) const {
    const auto it = comments_.find(std::string(name));
    return it == comments_.end() ? "" : it->second;
  }

 private:
  static std::string Unwrap(absl::string_view text) {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      lines.emplace_back(absl::StripAsciiWhitespace(line));
    }
    return absl::StrJoin(lines, " ");
  }
  // Full name of what a location is about: services and methods, messages and their fields.
  static std::string NameOf(const google::protobuf::FileDescriptorProto& file,
                            const google::protobuf::SourceCodeInfo::Location& at) {
    using google::protobuf::FileDescriptorProto;
    if (at.path_size() != 2 && at.path_size() != 4) return "";
    const std::string package = absl::StrCat(file.package(), ".");
    const bool inner = at.path_size() == 4;
    if (at.path(0) == FileDescriptorProto::kServiceFieldNumber) {
      const auto& service = file.service(at.path(1));
      if (!inner) return package + service.name();
      return at.path(2) != 2
                 ? ""
                 : absl::StrCat(package, service.name(), ".", service.method(at.path(3)).name());
    }
    if (at.path(0) == FileDescriptorProto::kMessageTypeFieldNumber) {
      const auto& message = file.message_type(at.path(1));
      if (!inner) return package + message.name();
      return at.path(2) != 2
                 ? ""
                 : absl::StrCat(package, message.name(), ".", message.field(at.path(3)).name());
    }
    return "";
  }

  std::map<std::string, std::string> comments_;
};

bool HasBehavior(const FieldDescriptor& field, google::api::FieldBehavior wanted) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == wanted) return true;
  }
  return false;
}

class Builder {
 public:
  Builder(const Routes& routes, const Comments& comments) : routes_(routes), comments_(comments) {}

  std::string Build() {
    std::map<std::string, std::map<std::string, std::string>> paths;
    for (const Route& route : routes_.routes()) {
      const auto parsed = ParsePathTemplate(route.path_template);
      paths[PathKey(*parsed)][absl::AsciiStrToLower(HttpMethodName(route.http_method))] =
          Operation(route, *parsed);
    }
    Object all_paths;
    for (const auto& [path, operations] : paths) {
      Object item;
      for (const auto& [method, operation] : operations) item.Add(method, operation);
      all_paths.Add(path, item.Done());
    }
    schemas_["Error"] = ErrorSchema();
    Object schemas;
    // Describing one may name others.
    while (!wanted_.empty()) {
      const auto types = std::exchange(wanted_, {});
      for (const auto& [name, type] : types) schemas_[name] = MessageSchema(*type);
    }
    for (const auto& [name, schema] : schemas_) schemas.Add(name, schema);
    const std::string security = Object()
                                     .Add("session", Object()
                                                         .Text("type", "apiKey")
                                                         .Text("in", "cookie")
                                                         .Text("name", "__Host-chanyan")
                                                         .Done())
                                     .Add("bearer", Object()
                                                        .Text("type", "http")
                                                        .Text("scheme", "bearer")
                                                        .Text("bearerFormat", "JWT")
                                                        .Done())
                                     .Done();
    return Object()
        .Text("openapi", "3.1.0")
        .Add("info", Object().Text("title", "产研 Chanyan").Text("version", "v1").Done())
        .Add("paths", all_paths.Done())
        .Add("components",
             Object().Add("schemas", schemas.Done()).Add("securitySchemes", security).Done())
        .Done();
  }

 private:
  // "/v1/{name=organizations/*}:sign" → "/v1/organizations/{name}:sign"; two stars, two parts.
  static std::string PathKey(const PathTemplate& path) {
    std::string key;
    for (size_t i = 0; i < path.segments.size(); ++i) {
      const bool wild = path.segments[i] == "*" || path.segments[i] == "**";
      absl::StrAppend(&key, "/",
                      wild ? absl::StrCat("{", ParameterName(path, i), "}") : path.segments[i]);
    }
    return path.verb.empty() ? key : absl::StrCat(key, ":", path.verb);
  }
  // A wildcard is named by the collection before it: organizations/* → organization.
  static std::string ParameterName(const PathTemplate& path, size_t segment) {
    if (segment == 0) return "id";
    std::string name = path.segments[segment - 1];
    if (absl::EndsWith(name, "ies")) return name.substr(0, name.size() - 3) + "y";
    if (absl::EndsWith(name, "s")) name.pop_back();
    return name;
  }

  static bool BoundByPath(const PathTemplate& path, absl::string_view field) {
    for (const PathVariable& variable : path.variables) {
      if (variable.field == field) return true;
    }
    return false;
  }

  std::string Parameter(absl::string_view name, absl::string_view in, bool required,
                        absl::string_view description, const std::string& schema) {
    return Object()
        .Text("name", name)
        .Text("in", in)
        .Add("required", required ? "true" : "false")
        .Text("description", description)
        .Add("schema", schema)
        .Done();
  }

  void QueryParameters(const Descriptor& type, const std::string& prefix, const Route& route,
                       const PathTemplate& path, int depth, std::vector<std::string>& out) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      const bool top = depth == 0;
      if (top && (&field == route.body_field || BoundByPath(path, field.name()))) continue;
      if (field.is_map()) continue;
      const std::string name = absl::StrCat(prefix, field.json_name());
      const bool message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (message && WellKnown(*field.message_type()).empty()) {
        if (!field.is_repeated() && depth < kMaxQueryDepth) {
          QueryParameters(*field.message_type(), name + ".", route, path, depth + 1, out);
        }
        continue;
      }
      out.push_back(Parameter(name, "query", HasBehavior(field, google::api::REQUIRED),
                              comments_.Of(field.full_name()), FieldSchema(field)));
    }
  }

  std::string Operation(const Route& route, const PathTemplate& path) {
    const Method& method = routes_.methods()[route.method];
    const auto& descriptor = *method.descriptor;
    std::vector<std::string> parameters;
    for (size_t i = 0; i < path.segments.size(); ++i) {
      if (path.segments[i] != "*" && path.segments[i] != "**") continue;
      parameters.push_back(Parameter(ParameterName(path, i), "path", true, "",
                                     Object().Text("type", "string").Done()));
    }
    if (!route.whole_body) {
      QueryParameters(*descriptor.input_type(), "", route, path, 0, parameters);
    }
    if (method.policy.mutates()) {
      parameters.push_back(
          Parameter("Idempotency-Key", "header", false, "请求编号（UUID），重试时保持不变",
                    Object().Text("type", "string").Text("format", "uuid").Done()));
    }
    std::vector<std::string> roles;
    for (const int role : method.policy.roles()) {
      roles.push_back(Quoted(options::v1::Role_Name(static_cast<options::v1::Role>(role))));
    }
    Object out;
    out.Text("operationId", OperationId(method))
        .Add("tags", Array({Quoted(TagOf(method))}))
        .Text("summary", method.policy.label())
        .Text("description", comments_.Of(descriptor.full_name()))
        .Add("x-roles", Array(roles))
        .Add("parameters", Array(parameters));
    if (route.whole_body || route.body_field != nullptr)
      out.Add("requestBody", Body(route, method));
    out.Add("responses", Responses(method));
    if (method.public_call) {
      out.Add("security", "[]");
    } else {
      out.Add("security", "[{\"session\":[]},{\"bearer\":[]}]");
    }
    return out.Done();
  }

  // The service that answers, or what several serve: "journal".
  static std::string TagOf(const Method& method) {
    const std::vector<std::string> parts =
        absl::StrSplit(method.descriptor->file()->package(), '.');
    return parts.size() > 1 ? parts[1] : "";
  }

  // A second binding of the same method is a second operation.
  std::string OperationId(const Method& method) {
    const std::string id =
        absl::StrCat(method.descriptor->service()->name(), "_", method.descriptor->name());
    const int count = ++operation_ids_[id];
    return count == 1 ? id : absl::StrCat(id, "_", count);
  }

  std::string Body(const Route& route, const Method& method) {
    Object content;
    if (route.takes_file) {
      content.Add("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "{}")
          .Add("application/octet-stream", "{}");
    } else {
      const Descriptor& type =
          route.whole_body ? *method.descriptor->input_type() : *route.body_field->message_type();
      content.Add("application/json", Object().Add("schema", Want(type)).Done());
    }
    return Object().Add("required", "true").Add("content", content.Done()).Done();
  }

  std::string Responses(const Method& method) {
    const Descriptor& type = *method.descriptor->output_type();
    const std::string content =
        method.streams()
            ? Object().Add("text/event-stream", Object().Add("schema", Want(type)).Done()).Done()
        : type.full_name() == api::kHttpBody
            ? "{\"application/octet-stream\":{}}"
            : Object().Add("application/json", Object().Add("schema", Want(type)).Done()).Done();
    const std::string error =
        Object()
            .Text("description", "错误（AIP-193）")
            .Add("content",
                 Object()
                     .Add("application/json", Object().Add("schema", Reference("Error")).Done())
                     .Done())
            .Done();
    return Object()
        .Add("200", Object().Text("description", "成功").Add("content", content).Done())
        .Add("default", error)
        .Done();
  }

  static std::string ErrorSchema() {
    return R"({"type":"object","required":["error"],"properties":{"error":{"type":"object",)"
           R"("required":["code","message","status"],"properties":{"code":{"type":"integer"},)"
           R"("message":{"type":"string"},"status":{"type":"string"},"details":{"type":"array",)"
           R"("items":{"type":"object","properties":{"@type":{"type":"string"}}}}}}}})";
  }

  // JSON schema of messages that are not JSON objects of their fields; empty for all others.
  static std::string WellKnown(const Descriptor& type) {
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
        return R"({"type":"string","format":"date-time"})";
      case Descriptor::WELLKNOWNTYPE_DURATION:
        return R"({"type":"string","pattern":"^-?[0-9]+(\\.[0-9]{1,9})?s$"})";
      case Descriptor::WELLKNOWNTYPE_FIELDMASK:
        return R"({"type":"string","description":"逗号分隔的字段路径"})";
      case Descriptor::WELLKNOWNTYPE_ANY:
        return R"({"type":"object","properties":{"@type":{"type":"string"}}})";
      default:
        break;
    }
    if (type.file()->name() == "google/protobuf/wrappers.proto" ||
        type.file()->name() == "google/protobuf/struct.proto") {
      return "{}";
    }
    return "";
  }

  // A reference to the message's schema, which will be described.
  std::string Want(const Descriptor& type) {
    if (std::string known = WellKnown(type); !known.empty()) return known;
    const std::string& name = type.full_name();
    if (schemas_.emplace(name, "").second) wanted_[name] = &type;
    return Reference(name);
  }

  std::string EnumSchema(const EnumDescriptor& type) {
    std::vector<std::string> names, labels;
    for (int i = 0; i < type.value_count(); ++i) {
      names.push_back(Quoted(type.value(i)->name()));
      labels.push_back(Quoted(type.value(i)->options().GetExtension(options::v1::value).zh()));
    }
    return Object()
        .Text("type", "string")
        .Add("enum", Array(names))
        .Text("title", type.options().GetExtension(options::v1::enumeration).zh())
        .Add("x-enum-labels", Array(labels))
        .Done();
  }

  std::string ValueSchema(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Want(*field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM: {
        const std::string& name = field.enum_type()->full_name();
        if (!schemas_.contains(name)) schemas_[name] = EnumSchema(*field.enum_type());
        return Reference(name);
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        return R"({"type":"boolean"})";
      case FieldDescriptor::CPPTYPE_STRING:
        return field.type() == FieldDescriptor::TYPE_BYTES
                   ? R"({"type":"string","contentEncoding":"base64"})"
                   : Shape(field, "string");
      case FieldDescriptor::CPPTYPE_INT64:
      case FieldDescriptor::CPPTYPE_UINT64:
        // As text, because JSON numbers of many readers end at 2^53.
        return R"({"type":"string","format":"int64"})";
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_UINT32:
        return Shape(field, "integer");
      default:
        return Shape(field, "number");
    }
  }

  static std::string Shape(const FieldDescriptor& field, absl::string_view type) {
    const auto& shape = field.options().GetExtension(options::v1::field);
    Object out;
    out.Text("type", type);
    if (type == "string") {
      if (shape.min_length() > 0) out.Add("minLength", absl::StrCat(shape.min_length()));
      if (shape.max_length() > 0) out.Add("maxLength", absl::StrCat(shape.max_length()));
      if (!shape.pattern().empty())
        out.Text("pattern", absl::StrCat("^(?:", shape.pattern(), ")$"));
      if (shape.format() != options::v1::FORMAT_UNSPECIFIED) {
        out.Text("x-format", options::v1::Format_Name(shape.format()));
      }
    } else {
      if (shape.has_min()) out.Add("minimum", absl::StrCat(shape.min()));
      if (shape.has_max()) out.Add("maximum", absl::StrCat(shape.max()));
    }
    return out.Done();
  }

  std::string FieldSchema(const FieldDescriptor& field) {
    const auto& shape = field.options().GetExtension(options::v1::field);
    std::string schema;
    if (field.is_map()) {
      schema = Object()
                   .Text("type", "object")
                   .Add("additionalProperties", ValueSchema(*field.message_type()->map_value()))
                   .Done();
    } else if (field.is_repeated()) {
      Object list;
      list.Text("type", "array").Add("items", ValueSchema(field));
      if (shape.max_items() > 0) list.Add("maxItems", absl::StrCat(shape.max_items()));
      schema = list.Done();
    } else {
      schema = ValueSchema(field);
    }
    // What is said of the field stands beside what is said of its type.
    Object extra;
    extra.Text("title", shape.label())
        .Text("x-label", shape.label())
        .Text("x-label-en", shape.label_en())
        .Text("description", comments_.Of(field.full_name()));
    if (HasBehavior(field, google::api::OUTPUT_ONLY)) extra.Add("readOnly", "true");
    if (HasBehavior(field, google::api::IMMUTABLE)) extra.Add("x-immutable", "true");
    if (shape.filterable()) extra.Add("x-filterable", "true");
    if (shape.sortable()) extra.Add("x-sortable", "true");
    if (shape.personal() != options::v1::PERSONAL_DATA_UNSPECIFIED) extra.Add("x-personal", "true");
    const std::string more = extra.Done();
    if (more == "{}") return schema;
    if (schema == "{}") return more;
    // A description of the type itself gives way to the field's.
    if (absl::StrContains(schema, "\"description\"")) return schema;
    return absl::StrCat(schema.substr(0, schema.size() - 1), ",", more.substr(1));
  }

  std::string MessageSchema(const Descriptor& type) {
    Object properties;
    std::vector<std::string> required;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      properties.Add(field.json_name(), FieldSchema(field));
      if (HasBehavior(field, google::api::REQUIRED)) required.push_back(Quoted(field.json_name()));
    }
    const auto& resource = type.options().GetExtension(options::v1::resource);
    Object out;
    out.Text("type", "object")
        .Text("title", resource.label())
        .Text("x-label", resource.label())
        .Text("x-label-en", resource.label_en())
        .Text("description", comments_.Of(type.full_name()))
        .Add("properties", properties.Done());
    if (!required.empty()) out.Add("required", Array(required));
    return out.Add("additionalProperties", "false").Done();
  }

  const Routes& routes_;
  const Comments& comments_;
  std::map<std::string, int> operation_ids_;
  std::map<std::string, std::string> schemas_;
  std::map<std::string, const Descriptor*> wanted_;
};

}  // namespace

absl::StatusOr<std::string> OpenApiJson(const Routes& routes, const std::string& descriptor_set) {
  Comments comments;
  CHANYAN_RETURN_IF_ERROR(comments.Load(descriptor_set));
  return Builder(routes, comments).Build();
}

}  // namespace chanyan::gateway
