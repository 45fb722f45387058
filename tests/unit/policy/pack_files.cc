#include "tests/unit/policy/pack_files.h"

#include <filesystem>

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace chanyan::policy {

std::string ShippedRoot() {
  // Tests run somewhere in the build tree, which lies in the source tree.
  for (auto at = std::filesystem::current_path(); at != at.root_path(); at = at.parent_path()) {
    if (std::filesystem::exists(at / "deploy/policies/qingdao")) {
      return (at / "deploy/policies").string();
    }
  }
  ADD_FAILURE() << "deploy/policies not found above " << std::filesystem::current_path();
  return "";
}

std::unique_ptr<const Pack> LoadShipped(const std::string& city) {
  auto pack = Pack::LoadCity(ShippedRoot(), city);
  if (!pack.ok()) {
    for (const status::Violation& violation : status::ViolationsOf(pack.status())) {
      ADD_FAILURE() << violation.field << ": " << violation.description;
    }
    ADD_FAILURE() << pack.status();
    std::abort();
  }
  return *std::move(pack);
}

}  // namespace chanyan::policy
