// What the clients of a drill work on, and who they are.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "tests/fault/under_load/ledger.h"
#include "tests/support/suite/suite.h"

namespace chanyan::fault {

inline constexpr char kUniversityTitle[] = "演示大学";
inline constexpr char kPlatformTitle[] = "演示实验室";
inline constexpr char kPartnerTitle[] = "演示伙伴企业";
inline constexpr char kUnitTitle[] = "演示功能区";
inline constexpr char kOfficeTitle[] = "成果转化与创新孵化处";
inline constexpr char kOtherUniversityTitle[] = "演示学院";
inline constexpr char kOtherPlatformTitle[] = "演示设计中心";
// Of the past; its minutes were issued.
inline constexpr char kConferenceTitle[] = "演示联席会议";
// Enterprises of the unit that have no platform; their numbers follow the partner's.
inline constexpr int kUnpaired = 8;
std::string UnpairedTitle(int i);
// Above the numbers of the clients' own enterprises.
inline constexpr int kPartnerNumber = 900'000;
// Of the project and of everything agreed upon it.
inline constexpr absl::CivilDay kSignDay(2025, 4, 8);

// Writes what Linyi has and Qingdao has not, joint conferences and what belongs to them, into a
// copy of Qingdao's pack: a city in which there is everything to write.
void AddCooperation(const std::string& folder);

struct Scene {
  // Makes it all through the gateway, as the actors would.
  explicit Scene(testing::Suite& suite);
  // Names of the right shape, of what nobody made: to see which way a row would go.
  static Scene Imagined();

  testing::Api ApiOf(Actor actor) const;

  std::string address;
  // By actor.
  std::array<testing::Headers, kActors> credentials;
  // organizations/{…}/platforms/{…}: published; the first is what projects are begun on, the second
  // what all clients revise. The third is another university's, whose projects go all their way:
  // they stand in no form of the first.
  std::string platform;
  std::string revised_platform;
  std::string other_platform;
  // Open at any hour, confirmed at once, wanted by all clients.
  std::vector<std::string> instruments;
  // Organizations that all clients change.
  std::vector<std::string> shared;
  // Of triage: whose department is pushed results, and whose agency takes them over.
  std::string agency;
  // projects/{…}: signed, of the research office and the enterprise; its main agreement is filed.
  std::string project;
  // Organizations: both sides of the project, the unit of all enterprises, and the bureau's office.
  std::string university;
  std::string partner;
  std::string unit;
  std::string office;
  // outreaches/{…} of enterprises of the unit that have no platform.
  std::vector<std::string> outreaches;
  // conferences/{…}/followUps/{…} that the unit has to do.
  std::vector<std::string> tasks;
  // accounts/{…} of nobody.
  std::vector<std::string> accounts;
  // chainCampaigns/{…}: one a client, a few that nobody has held yet, and one that was held.
  std::vector<std::string> campaigns;
  std::vector<std::string> other_campaigns;
  std::string held_campaign;
  // actionTasks/{…}.
  std::vector<std::string> action_tasks;

 private:
  Scene() = default;
};

}  // namespace chanyan::fault
