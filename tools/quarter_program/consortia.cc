// Units, experts and clock; each consortium's way to its filing.
#include "tools/quarter_program/consortia.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "chanyan/consortium/v1/attachment.pb.h"
#include "chanyan/consortium/v1/backfill.pb.h"
#include "chanyan/consortium/v1/expert.pb.h"
#include "chanyan/consortium/v1/filing.pb.h"
#include "chanyan/consortium/v1/notice.pb.h"
#include "chanyan/registry/v1/registry.pb.h"
#include "common/api/names.h"
#include "common/document/writer.h"
#include "common/policy/life.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "google/protobuf/struct.pb.h"
#include "tools/demo/uscc.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

namespace v1 = consortium::v1;

constexpr char kDistrict[] = "qd-st-370211";
constexpr char kRegion[] = "370211";
constexpr char kClock[] = "/v1/backfills/consortium";
// The first workday that the dossiers of the past are entered under, after the guidelines of March
// 2025 came out.
constexpr absl::CivilSecond kBegin(2025, 4, 7, 9);
// Of the codes of invented companies, beyond those that the quarter's companies have.
constexpr int kFirstCode = 700'001;
constexpr absl::Duration kFilingPatience = absl::Seconds(120);
constexpr absl::Duration kFilingPause = absl::Seconds(2);
constexpr int kMostSteps = 20;
constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

constexpr char kOpinion[] = R"({"opinion":"材料齐全，同意（演示）。"})";

constexpr char kClauses[] =
    R"([{"clause":"goals","place":"第一条"},{"clause":"tasks","place":"第二条"},
        {"clause":"duties","place":"第三条"},{"clause":"ownership","place":"第四条"},
        {"clause":"benefits","place":"第五条"},{"clause":"breach","place":"第六条"},
        {"clause":"disputes","place":"第七条"}])";

// $0 = track, $1 = who undertakes the topic.
constexpr char kPlan[] =
    R"({"significance":"围绕$0突破关键核心技术，牵头单位与成员单位已有多年联合研发基础（演示）。",
        "organisation":"理事会决策，首席专家负责技术路线，秘书处设在牵头单位（演示）。",
        "schedule":"第一年完成方案和样机，第二年中试，第三年示范应用（演示）。",
        "funds":"总投入三千万元，按年到位（演示）。","totalFundsYuan":"30000000",
        "acceptance":"每年度考核一次，期满由第三方验收（演示）。",
        "propertyLayout":"联合申请专利，共同制定标准（演示）。",
        "talentLayout":"联合培养研究生和工程师（演示）。",
        "promotionLayout":"先在成员单位应用，再向行业推广（演示）。",
        "targets":[{"measure":"发明专利","value":"20件"},{"measure":"标准","value":"3项"}],
        "topics":[{"title":"$0关键技术（演示）","undertakers":["$1"]}],
        "mechanisms":[{"mechanism":"decision","description":"理事会每季度一次"},
          {"mechanism":"research","description":"课题组长负责，联合攻关"},
          {"mechanism":"benefit","description":"按贡献分配"},
          {"mechanism":"property","description":"共有，按协议许可"},
          {"mechanism":"standards","description":"共同制定"},
          {"mechanism":"promotion","description":"成员单位优先应用"},
          {"mechanism":"funding","description":"按协议按年投入"}]})";

// Parts of units that are members, and what kind of member.
constexpr std::pair<const char*, const char*> kMemberKinds[] = {{"upstream", "UPSTREAM"},
                                                                {"downstream", "DOWNSTREAM"},
                                                                {"university", "UNIVERSITY"},
                                                                {"institute", "INSTITUTE"}};

std::string NameOf(const std::string& id) { return absl::StrCat("organizations/", id); }

}  // namespace

absl::Status Consortia::Post(const std::string& login, const std::string& path,
                             const std::string& body, google::protobuf::Message* reply) {
  google::protobuf::Struct question;
  CHANYAN_RETURN_IF_ERROR(FromJson(body, &question));
  absl::Status done = accounts_.As(login).Post(path, {}, question, api::NewUuid(), reply);
  if (!done.ok()) Say(absl::StrCat(login, " ", path, " 没有办成"));
  return done;
}

absl::Status Consortia::Patch(const std::string& login, const std::string& path,
                              const std::string& mask, const std::string& body,
                              google::protobuf::Message* reply) {
  google::protobuf::Struct question;
  CHANYAN_RETURN_IF_ERROR(FromJson(body, &question));
  return accounts_.As(login).Patch(path, {{"update_mask", mask}}, question, api::NewUuid(), reply);
}

absl::Status Consortia::AddUnits() {
  Caller directory = accounts_.As(secretariat_);
  std::vector<ConsortiumUnit> all = {
      {kOffice, "高新技术与重大专项处", "DEPARTMENT", ""},
      {kDistrict, "黄岛区科技主管部门", "DEPARTMENT", ""},
  };
  all.insert(all.end(), plan_.units.begin(), plan_.units.end());
  int code = kFirstCode;
  for (const ConsortiumUnit& unit : all) {
    const int own_code = code++;
    registry::v1::Organization there;
    const absl::Status known = directory.Get(absl::StrCat("/v1/", NameOf(unit.id)), {}, &there);
    if (known.ok()) continue;
    if (!absl::IsNotFound(known)) return known;
    std::string more;
    if (unit.kind == "ENTERPRISE") {
      more = absl::Substitute(R"(,"unifiedSocialCreditCode":"$0","regionCode":"$1")",
                              demo::InventedUscc(kRegion, own_code), kRegion);
    }
    if (unit.part == "lead") more += R"(,"qualifications":["QUALIFICATION_LEADING"])";
    CHANYAN_RETURN_IF_ERROR(
        Post(secretariat_, absl::StrCat("/v1/organizations?organization_id=", unit.id),
             absl::Substitute(
                 R"({"displayName":"$0","kind":"ORGANIZATION_KIND_$1","demonstration":true$2})",
                 unit.name, unit.kind, more)));
  }
  return absl::OkStatus();
}

absl::Status Consortia::AddExperts() {
  std::vector<std::string> accounts;
  CHANYAN_RETURN_IF_ERROR(accounts_.As(kOffice).List<v1::ListExpertsResponse>(
      "/v1/experts", {}, [&](const v1::ListExpertsResponse& page) {
        for (const v1::Expert& expert : page.experts()) accounts.push_back(expert.account());
      }));
  std::vector<std::string> fields;
  for (const ConsortiumPlan& one : plan_.consortia) fields.push_back(one.industry);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  for (const ConsortiumUnit& unit : plan_.units) {
    if (!unit.IsExpertUnit()) continue;
    const std::string account = absl::StrCat("accounts/", unit.id);
    if (std::find(accounts.begin(), accounts.end(), account) != accounts.end()) continue;
    CHANYAN_RETURN_IF_ERROR(
        Post(kOffice, "/v1/experts",
             absl::Substitute(
                 R"({"person":"$0","account":"$1","employer":"$2","category":"$3",
                     "fields":["$4"],"professionalTitle":"教授（演示）",
                     "terms":[{"startDate":{"year":2025,"month":1,"day":1},
                               "endDate":{"year":2099,"month":12,"day":31}}]})",
                 absl::StrCat("评审专家", unit.id.substr(unit.id.rfind('-') + 1), "（演示）"),
                 account, NameOf(unit.id), unit.part, absl::StrJoin(fields, "\",\""))));
  }
  return absl::OkStatus();
}

absl::Status Consortia::BeginBackfill() {
  v1::Backfill begun;
  const absl::Status known = accounts_.As(kOffice).Get(kClock, {}, &begun);
  if (!absl::IsNotFound(known)) return known;
  const absl::Time begin = absl::FromCivil(kBegin, time::Shanghai());
  if (absl::Now() < begin) return absl::OkStatus();
  google::protobuf::Struct question;
  CHANYAN_RETURN_IF_ERROR(
      FromJson(absl::Substitute(R"({"clockTime":"$0","reason":"演示：补录此前备案的创新联合体"})",
                                absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", begin, absl::UTCTimeZone())),
               &question));
  const absl::Status done = accounts_.As(kOffice).Post(absl::StrCat(kClock, ":begin"), {}, question,
                                                       api::NewUuid(), &begun);
  // Who has a dossier already, also a draft that the office does not see, does not go back; those
  // that are to be filed stay on notice.
  if (status::ReasonOf(done) == options::v1::ERROR_REASON_WRONG_STATE) {
    Say(absl::StrCat("创新联合体不用补录时钟：", done.message()));
    return absl::OkStatus();
  }
  CHANYAN_RETURN_IF_ERROR(done);
  Say(absl::StrCat("创新联合体补录时钟：",
                   absl::FormatTime("%Y-%m-%d %H:%M", begin, time::Shanghai())));
  return absl::OkStatus();
}

absl::Status Consortia::AdvanceTo(absl::Time time) {
  Say(absl::StrCat("创新联合体补录时钟：",
                   absl::FormatTime("%Y-%m-%d %H:%M", time, time::Shanghai())));
  return Post(kOffice, absl::StrCat(kClock, ":advance"),
              absl::Substitute(R"({"clockTime":"$0"})",
                               absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone())));
}

absl::StatusOr<absl::Time> Consortia::Now() {
  v1::Backfill clock;
  const absl::Status known = accounts_.As(kOffice).Get(kClock, {}, &clock);
  if (absl::IsNotFound(known)) return absl::Now();
  CHANYAN_RETURN_IF_ERROR(known);
  return time::ToTime(clock.clock_time());
}

absl::StatusOr<Consortia::Row> Consortia::Find(const ConsortiumPlan& one) {
  // Drafts are the parties' alone; a lead that was removed sees no more what the office sees.
  for (const std::string& login : {one.lead, std::string(kOffice)}) {
    v1::ListConsortiaResponse page;
    CHANYAN_RETURN_IF_ERROR(accounts_.As(login).Get(
        "/v1/consortia", {{"filter", absl::StrCat("display_name = \"", one.Title(), "\"")}},
        &page));
    if (!page.consortia().empty()) return page.consortia(0);
  }
  return Row();
}

std::vector<std::string> Consortia::Parties(const ConsortiumPlan& one) const {
  std::vector<std::string> logins = {one.lead};
  for (const auto& [part, kind] : kMemberKinds) {
    for (std::string& login : plan_.Of(part)) logins.push_back(std::move(login));
  }
  return logins;
}

absl::Status Consortia::Create(const ConsortiumPlan& one) {
  std::vector<std::string> members;
  for (const ConsortiumUnit& unit : plan_.units) {
    std::string kind;
    for (const auto& [part, word] : kMemberKinds) {
      if (unit.part == part) kind = word;
    }
    if (kind.empty()) continue;
    members.push_back(absl::Substitute(
        R"({"organization":"$0","kind":"MEMBER_KIND_$1","layer":"MEMBER_LAYER_$2",
            "basis":"与牵头单位联合完成过两项研发任务（演示）。","tasks":"承担$3配套攻关（演示）。",
            "capability":"有稳定的研究团队和试验条件，与其他成员互补（演示）。",
            "resources":"研发人员十名、试验场地一处（演示）。","fundsYuan":"2000000"})",
        NameOf(unit.id), kind, members.empty() ? "CORE" : "MEMBER", one.track));
  }
  const bool whole = one.target != "draft";
  // What a draft still lacks is listed with its clause: agreement, chief expert, plan, pledge.
  const std::string rest =
      !whole ? ""
             : absl::Substitute(
                   R"(,"agreement":{"clauses":$0},
                       "chiefExpert":{"person":"首席专家（演示）","unitTitle":"胶州湾理工大学（演示）"},
                       "director":{"person":"负责人（演示）","appointedByLead":true},"plan":$1,
                       "pledge":{"accepted":true,"signer":"法定代表人（演示）"})",
                   kClauses, absl::Substitute(kPlan, one.track, NameOf(one.lead)));
  return Post(one.lead, "/v1/consortia",
              absl::Substitute(
                  R"({"displayName":"$0","leadStanding":"技术国内领先，研发人员三百人（演示）。",
                      "industries":["$1"],"track":"$2","members":[$3]$4})",
                  one.Title(), one.industry, one.track, absl::StrJoin(members, ","), rest));
}

absl::StatusOr<std::string> Consortia::Attach(const std::string& login, const Row& row,
                                              absl::string_view kind, absl::string_view title) {
  document::Writer writer({.created = absl::FromCivil(kBegin, time::Shanghai()),
                           .title = absl::StrCat(row.display_name(), title)});
  writer.Title(absl::StrCat(row.display_name(), title));
  for (const char* heading :
       {"技术创新目标", "任务分工", "权利义务", "成果归属", "收益分配", "违约责任", "争议解决"}) {
    writer.Heading(1, heading);
    writer.Paragraph("各方约定如下（演示）。");
  }
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes, std::move(writer).Finish());
  v1::ConsortiumAttachment made;
  CHANYAN_RETURN_IF_ERROR(
      accounts_.As(login).Upload(absl::StrCat("/v1/", row.name(), "/attachments"),
                                 {{"file_name", absl::StrCat(title, ".docx")},
                                  {"kind", absl::StrCat("ATTACHMENT_KIND_", kind)}},
                                 bytes, kDocx, api::NewUuid(), &made));
  return made.name();
}

absl::Status Consortia::Complete(const ConsortiumPlan& one, const Row& row) {
  Row now = row;
  if (now.agreement().document().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string file,
                             Attach(one.lead, row, "AGREEMENT", "组建协议"));
    CHANYAN_RETURN_IF_ERROR(Patch(one.lead, absl::StrCat("/v1/", row.name()), "agreement.document",
                                  absl::Substitute(R"({"agreement":{"document":"$0"}})", file),
                                  &now));
  }
  for (const std::string& login : Parties(one)) {
    CHANYAN_RETURN_IF_ERROR(Post(
        login, absl::StrCat("/v1/", row.name(), ":sign"),
        absl::Substitute(R"({"digest":"$0","signer":"法定代表人（演示）","post":"董事长或校长"})",
                         now.agreement().digest())));
  }
  return Post(one.lead, absl::StrCat("/v1/", row.name(), ":submit"), "{}");
}

absl::StatusOr<bool> Consortia::StepOn(const ConsortiumPlan& one, const Row& row) {
  const std::string path = absl::StrCat("/v1/", row.name());
  const auto is = [&](absl::string_view target) { return one.target == target; };
  const auto post = [&](const std::string& login, absl::string_view verb,
                        const std::string& body) -> absl::StatusOr<bool> {
    CHANYAN_RETURN_IF_ERROR(Post(login, absl::StrCat(path, ":", verb), body));
    return true;
  };
  if (row.name().empty()) {
    CHANYAN_RETURN_IF_ERROR(Create(one));
    return true;
  }
  switch (row.state()) {
    case v1::CONSORTIUM_STATE_DRAFT:
      if (is("draft")) return false;
      CHANYAN_RETURN_IF_ERROR(Complete(one, row));
      return true;
    case v1::CONSORTIUM_STATE_DISTRICT_REVIEW:
      if (is("district")) return false;
      if (is("withdrawn")) {
        return post(one.lead, "withdraw", R"({"reason":"赛道调整，另行申报（演示）"})");
      }
      return post(kDistrict, "recommend", kOpinion);
    case v1::CONSORTIUM_STATE_CITY_REVIEW:
      if (is("city")) return false;
      if (is("returned")) {
        return post(
            kOffice, "return",
            R"({"reason":"请补充牵头单位与高校的合作证明，并细化第三年的经费安排（演示）"})");
      }
      return post(kOffice, "accept", kOpinion);
    case v1::CONSORTIUM_STATE_EXPERT_REVIEW:
      CHANYAN_RETURN_IF_ERROR(Review(row, "document", !is("review")));
      if (is("review")) return false;
      return post(kOffice, "inspect", kOpinion);
    case v1::CONSORTIUM_STATE_SITE_VISIT:
      CHANYAN_RETURN_IF_ERROR(Meet(row, "SITE_VISIT", !is("visit")));
      if (is("visit")) return false;
      return post(kOffice, "defend", kOpinion);
    case v1::CONSORTIUM_STATE_DEFENCE:
      CHANYAN_RETURN_IF_ERROR(Meet(row, "DEFENCE", !is("defence")));
      if (is("defence")) return false;
      CHANYAN_RETURN_IF_ERROR(Review(row, "defence", true));
      return post(kOffice, "select", kOpinion);
    case v1::CONSORTIUM_STATE_SELECTED:
      if (is("selected")) return false;
      return post(kOffice, "publishNotice", "{}");
    case v1::CONSORTIUM_STATE_PUBLIC_NOTICE:
      if (is("objected") || is("rejected")) {
        CHANYAN_RETURN_IF_ERROR(Object(row, is("rejected")));
      }
      return false;
    case v1::CONSORTIUM_STATE_FILED:
    case v1::CONSORTIUM_STATE_LEAD_VACANT:
      CHANYAN_RETURN_IF_ERROR(GoOn(one, row));
      return false;
    default:
      return false;
  }
}

absl::Status Consortia::Take(const ConsortiumPlan& one) {
  for (int step = 0; step < kMostSteps; ++step) {
    CHANYAN_ASSIGN_OR_RETURN(const Row row, Find(one));
    CHANYAN_ASSIGN_OR_RETURN(const bool moved, StepOn(one, row));
    if (moved) continue;
    // An objection that was upheld, or what followed a filing, moved it without a step of its own.
    CHANYAN_ASSIGN_OR_RETURN(const Row now, Find(one));
    Say(absl::StrCat("创新联合体：", one.Title(), " ", policy::LabelOf(now.state())));
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(one.Title(), " 没有办到 ", one.target));
}

absl::Status Consortia::FileThem() {
  Caller office = accounts_.As(kOffice);
  std::vector<std::string> waiting;
  absl::Time last = absl::InfinitePast();
  const auto look = [&]() -> absl::Status {
    waiting.clear();
    for (const ConsortiumPlan& one : plan_.consortia) {
      if (!one.IsOfThePast()) continue;
      CHANYAN_ASSIGN_OR_RETURN(const Row row, Find(one));
      if (row.state() == v1::CONSORTIUM_STATE_PUBLIC_NOTICE) waiting.push_back(row.name());
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(look());
  if (waiting.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(office.List<v1::ListPublicNoticesResponse>(
      "/v1/notices", {{"filter", "state = OPEN"}}, [&](const v1::ListPublicNoticesResponse& page) {
        for (const v1::PublicNotice& notice : page.public_notices()) {
          const bool ours =
              std::find(waiting.begin(), waiting.end(), notice.consortium()) != waiting.end();
          if (ours) last = std::max(last, time::ToTime(notice.deadline()));
        }
      }));
  v1::Backfill clock;
  const absl::Status known = office.Get(kClock, {}, &clock);
  if (!known.ok() && !absl::IsNotFound(known)) return known;
  const bool behind = known.ok() && clock.state() == v1::BACKFILL_STATE_RUNNING;
  if (!behind || last >= absl::Now()) {
    Say("没有补录时钟，公示期满后自动备案");
    return absl::OkStatus();
  }
  if (time::ToTime(clock.clock_time()) <= last) {
    CHANYAN_RETURN_IF_ERROR(AdvanceTo(time::StartOfDay(time::DayOf(last) + 1) + absl::Hours(9)));
  }
  const absl::Time give_up = absl::Now() + kFilingPatience;
  while (!waiting.empty() && absl::Now() < give_up) {
    absl::SleepFor(kFilingPause);
    CHANYAN_RETURN_IF_ERROR(look());
  }
  if (waiting.empty()) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat(waiting.size(), " 个创新联合体公示期满仍未备案，请看公示的 holdReason"));
}

absl::Status Consortia::Run() {
  if (plan_.consortia.empty()) return absl::OkStatus();
  CHANYAN_RETURN_IF_ERROR(AddUnits());
  CHANYAN_RETURN_IF_ERROR(AddExperts());
  CHANYAN_RETURN_IF_ERROR(BeginBackfill());
  for (const ConsortiumPlan& one : plan_.consortia) {
    if (one.IsOfThePast()) CHANYAN_RETURN_IF_ERROR(Take(one));
  }
  CHANYAN_RETURN_IF_ERROR(FileThem());
  CHANYAN_RETURN_IF_ERROR(ReportProgress());
  for (const ConsortiumPlan& one : plan_.consortia) CHANYAN_RETURN_IF_ERROR(Take(one));
  return Count();
}

absl::Status Consortia::Count() {
  std::map<int, int> by_state;
  for (const ConsortiumPlan& one : plan_.consortia) {
    CHANYAN_ASSIGN_OR_RETURN(const Row row, Find(one));
    ++by_state[row.state()];
  }
  std::vector<std::string> parts;
  for (const auto& [state, count] : by_state) {
    parts.push_back(
        absl::StrCat(policy::LabelOf(static_cast<v1::ConsortiumState>(state)), " ", count));
  }
  CHANYAN_ASSIGN_OR_RETURN(const absl::Time now, Now());
  words_ = absl::StrCat("创新联合体 ", plan_.consortia.size(), " 个：", absl::StrJoin(parts, "，"),
                        "\n  时钟：", absl::FormatTime("%Y-%m-%d %H:%M", now, time::Shanghai()),
                        absl::Now() - now > absl::Minutes(1)
                            ? "（补录，随本机走时；qdst-gx 可用 :advance 拨到现在）"
                            : "",
                        "\n  查看：以 ", kOffice,
                        "（备案单位）登录，/v1/consortia、/v1/experts；不登录也可看 /v1/filings、"
                        "/v1/notices\n");
  return absl::OkStatus();
}

}  // namespace chanyan::quarter
