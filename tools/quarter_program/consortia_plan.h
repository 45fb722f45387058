// Which innovation consortia the demonstration has, and who takes part in them: plan/consortia.tsv
// and plan/consortium_units.tsv (deploy/demo/qingdao/README.md).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/quarter_program/accounts.h"

namespace chanyan::quarter {

struct ConsortiumPlan {
  std::string key;
  // Last segment of the lead's name, which is its login as well.
  std::string lead;
  std::string industry;
  std::string track;
  // How far it is taken.
  std::string target;

  // "深海作业机器人创新联合体（演示）": by it the consortium is found again.
  std::string Title() const;
  // Whether it is filed under the clock that was put back.
  bool IsOfThePast() const;
};

struct ConsortiumUnit {
  // Last segment of its name, and login of its account.
  std::string id;
  std::string name;
  // "ENTERPRISE".
  std::string kind;
  std::string part;

  bool IsExpertUnit() const;
};

struct ConsortiaPlan {
  std::vector<ConsortiumPlan> consortia;
  std::vector<ConsortiumUnit> units;

  // Accounts of the units.
  std::vector<WantedAccount> Accounts() const;
  // Logins of the units with that part.
  std::vector<std::string> Of(absl::string_view part) const;
};

// Empty if the directory has no such files. Errors name the file and the line.
absl::StatusOr<ConsortiaPlan> LoadConsortiaPlan(const std::string& directory);

}  // namespace chanyan::quarter
