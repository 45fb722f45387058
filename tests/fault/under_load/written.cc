#include "tests/fault/under_load/written.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/policy_check.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor.h"
#include "tests/fault/under_load/courses.h"
#include "tests/fault/under_load/routes.h"

namespace chanyan::fault {
namespace {

using google::protobuf::MethodDescriptor;

// "cycles/x/forms/x", where the resource's names are cycles/{cycle}/forms/{form}; "" of what is no
// resource.
std::string NameOfAnswer(const MethodDescriptor& method) {
  const auto& resource = method.output_type()->options().GetExtension(google::api::resource);
  if (resource.pattern().empty()) return "";
  std::string name;
  bool inside = false;
  for (const char c : resource.pattern(0)) {
    if (c == '{') name += 'x';
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') name += c;
  }
  return name;
}

const MethodDescriptor* MethodOf(absl::string_view http_method, absl::string_view target) {
  const std::vector<const MethodDescriptor*> methods = MethodsOf(http_method, target);
  return methods.empty() ? nullptr : methods.front();
}

// By actor.
constexpr options::v1::Role kRoles[] = {options::v1::ROLE_SECRETARIAT,
                                        options::v1::ROLE_RESEARCH_OFFICE,
                                        options::v1::ROLE_RESEARCH_OFFICE,
                                        options::v1::ROLE_ENTERPRISE,
                                        options::v1::ROLE_UNIT,
                                        options::v1::ROLE_DEPARTMENT,
                                        options::v1::ROLE_DEPARTMENT,
                                        options::v1::ROLE_SERVICE_TEAM,
                                        options::v1::ROLE_ADMINISTRATOR,
                                        options::v1::ROLE_PLATFORM_MANAGER};
static_assert(std::size(kRoles) == kActors);

bool IsFor(const MethodDescriptor& method, Actor actor) {
  const auto& roles = method.options().GetExtension(options::v1::method).roles();
  return std::any_of(roles.begin(), roles.end(), [actor](int role) {
    return role == kRoles[static_cast<size_t>(actor)] || role == options::v1::ROLE_PUBLIC ||
           role == options::v1::ROLE_SIGNED_IN;
  });
}

// Takes the course as a client would to whom all goes well (client_courses.cc).
void Walk(const Scene& scene, const Course& course, std::set<std::string>* rpcs,
          std::vector<std::string>* astray) {
  Words words{.scene = scene, .text = "x", .yuan = 1, .first_text = "x", .lane = course.lane};
  for (const Act& act : course.acts) {
    const std::string target = absl::StrCat("/v1/", Filled(act.path, words));
    const MethodDescriptor* method = MethodOf(act.method, target);
    if (method == nullptr) {
      astray->push_back(absl::StrCat(course.what, ": ", act.method, " ", target));
      return;
    }
    rpcs->insert(std::string(method->full_name()));
    if (!IsFor(*method, act.actor)) {
      astray->push_back(absl::StrCat(course.what, ": ", act.method, " ", target, " by another"));
    }
    const std::string answer = NameOfAnswer(*method);
    if (act.beside) {
      words.made = answer;
    } else {
      words.it = act.names == nullptr ? answer : Filled(act.names, words);
    }
    if (act.goes_on_in != nullptr) absl::StrAppend(&words.it, "/", act.goes_on_in, "/x");
  }
}

}  // namespace

std::set<std::string> MutatingRpcs() {
  std::set<std::string> rpcs;
  for (const google::protobuf::FileDescriptor* file : auth::LinkedFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const MethodDescriptor& method = *file->service(s)->method(m);
        if (!method.options().GetExtension(options::v1::method).mutates()) continue;
        rpcs.insert(std::string(method.full_name()));
      }
    }
  }
  return rpcs;
}

std::string RpcOf(absl::string_view http_method, absl::string_view target) {
  const MethodDescriptor* method = MethodOf(http_method, target);
  return method == nullptr ? "" : std::string(method->full_name());
}

std::set<std::string> RpcsOfCourses(std::vector<std::string>* astray) {
  const Scene scene = Scene::Imagined();
  std::set<std::string> rpcs;
  for (const Course& course : Courses()) Walk(scene, course, &rpcs, astray);
  return rpcs;
}

std::set<std::string> RpcsOf(const std::vector<Change>& changes) {
  std::set<std::string> rpcs;
  for (const Change& change : changes) rpcs.insert(RpcOf(change.method, change.target));
  return rpcs;
}

}  // namespace chanyan::fault
