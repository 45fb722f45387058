#include "services/registry/diary.h"

#include <string>

namespace chanyan::registry {
namespace {

constexpr char kTouch[] =
    "INSERT INTO diary (subject, changes) VALUES (?, 1) "
    "ON DUPLICATE KEY UPDATE changes = changes + 1";

}  // namespace

absl::Status Touch(db::Session& session, absl::string_view subject) {
  return session.Execute(kTouch, {std::string(subject)}).status();
}

}  // namespace chanyan::registry
