#include "tools/quarter_program/records.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "chanyan/pairing/v1/coverage.pb.h"
#include "chanyan/registry/v1/instrument.pb.h"
#include "chanyan/triage/v1/dispatch.pb.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/status/status.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "tools/demo/again.h"
#include "tools/demo/tsv.h"
#include "tools/quarter_program/walk.h"

namespace chanyan::quarter {
namespace {

// What could not be done, and why that is no fault of the demonstration: a year whose holidays are
// not published yet has no terms.
constexpr char kImpossible[] = "-";
constexpr char kDispatched[] = "-dispatch";
// Of an answer that is no resource.
constexpr char kNoName[] = "none";
constexpr char kGet[] = "GET";

// From when on and how far a free time of an instrument is looked for, and how long it is.
constexpr int kFreeAfterDays = 3;
constexpr int kFreeWithinDays = 28;
constexpr absl::Duration kBooked = absl::Hours(2);
// What may be checked in at once: it begins so soon, lasts so long and is of one day.
constexpr absl::Duration kSoon = absl::Minutes(3);
constexpr absl::Duration kShort = absl::Minutes(30);
// Of instruments that records make themselves: no other record is of them.
constexpr char kOwnAssets[] = "ZY";
// What is asked for may be known a little later than it was written.
constexpr int kLooks = 40;
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(500);

std::string InUtc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// "path?name=value&…": values as people write them.
std::pair<std::string, Query> SplitTarget(absl::string_view target) {
  const std::vector<absl::string_view> parts = absl::StrSplit(target, absl::MaxSplits('?', 1));
  Query query;
  if (parts.size() == 2) {
    for (const absl::string_view one : absl::StrSplit(parts[1], '&')) {
      const std::pair<std::string, std::string> pair = absl::StrSplit(one, absl::MaxSplits('=', 1));
      query.push_back(pair);
    }
  }
  return {std::string(parts[0]), std::move(query)};
}

std::string SoonJson(absl::Time now) {
  const absl::TimeZone zone = time::Shanghai();
  absl::Time begin =
      absl::FromCivil(absl::CivilMinute(absl::ToCivilMinute(now + kSoon, zone)), zone);
  const absl::Time midnight = time::StartOfDay(time::DayOf(begin) + 1);
  if (begin + kShort > midnight) begin = midnight;
  return absl::Substitute(R"("startTime":"$0","endTime":"$1")", InUtc(begin),
                          InUtc(begin + kShort));
}

bool IsVerb(absl::string_view path) { return absl::StrContains(path, ':'); }

bool LacksCalendar(const absl::Status& status) {
  return status::ReasonOf(status) == options::v1::ERROR_REASON_CALENDAR_MISSING;
}

std::string DateJson(absl::CivilDay day) {
  return absl::StrCat("{\"year\":", day.year(), ",\"month\":", day.month(), ",\"day\":", day.day(),
                      "}");
}

// So many days before that are no weekend: a year's holidays are known to the services alone.
absl::CivilDay WeekdayBefore(absl::CivilDay day, int days) {
  while (days > 0) {
    --day;
    const absl::Weekday weekday = absl::GetWeekday(day);
    if (weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday) --days;
  }
  return day;
}

// A file of the input as agreements and outcomes refer to it.
absl::StatusOr<std::string> DocumentJson(const std::string& directory, const std::string& file) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                           demo::ReadFile(absl::StrCat(directory, "/files/", file)));
  return absl::Substitute(R"({"fileName":"$0","sha256":"$1","sizeBytes":"$2","mediaType":"$3"})",
                          file, api::Sha256Hex(bytes), bytes.size(), kXlsxType);
}

// "name" of an answer, or another field that is text.
absl::StatusOr<std::string> TextIn(const google::protobuf::Struct& answer,
                                   const std::string& field) {
  const auto found = answer.fields().find(field);
  if (found == answer.fields().end() || found->second.string_value().empty()) {
    return absl::InternalError(absl::StrCat("答复中没有 ", field));
  }
  return found->second.string_value();
}

absl::StatusOr<std::string> FreeTimeOf(Caller caller, const std::string& instrument) {
  const absl::Time day = time::StartOfDay(time::DayOf(absl::Now()));
  registry::v1::Availability free;
  CHANYAN_RETURN_IF_ERROR(caller.Get(absl::StrCat("/v1/", instrument, ":queryAvailability"),
                                     {{"startTime", InUtc(day + absl::Hours(24 * kFreeAfterDays))},
                                      {"endTime", InUtc(day + absl::Hours(24 * kFreeWithinDays))}},
                                     &free));
  for (const registry::v1::FreeTime& one : free.free_times()) {
    const absl::Time start = absl::FromUnixSeconds(one.start_time().seconds());
    if (absl::FromUnixSeconds(one.end_time().seconds()) - start < kBooked) continue;
    return absl::Substitute(R"("startTime":"$0","endTime":"$1")", InUtc(start),
                            InUtc(start + kBooked));
  }
  return absl::FailedPreconditionError(absl::StrCat(instrument, " 近期没有空闲时段"));
}

}  // namespace

void Records::Recall() {
  const auto table = demo::Tsv::Load(done_path_, {"key", "body", "name"});
  if (!table.ok()) return;
  for (size_t i = 0; i < table->size(); ++i) {
    done_[table->Get(i, "key")] = {table->Get(i, "body"), table->Get(i, "name")};
  }
}

absl::Status Records::Keep() const {
  std::string text = demo::TsvLine({"key", "body", "name"});
  for (const auto& [key, done] : done_) text += demo::TsvLine({key, done.body, done.name});
  return demo::WriteFile(done_path_, text);
}

absl::Status Records::ChooseScenes() {
  Caller secretariat = accounts_.As(plan_.LoginOfRole("ROLE_SECRETARIAT"));
  CHANYAN_RETURN_IF_ERROR(secretariat.List<pairing::v1::ListProjectsResponse>(
      "/v1/projects", {{"filter", "state = SIGNED OR state = BUILDING"}},
      [&](const pairing::v1::ListProjectsResponse& page) {
        for (const pairing::v1::Project& project : page.projects()) {
          const std::string enterprise(api::IdOfName(project.enterprise()));
          if (plan_.LoginOf(enterprise, "ROLE_ENTERPRISE").empty()) continue;
          scenes_.push_back({project, ""});
        }
      }));
  std::sort(scenes_.begin(), scenes_.end(),
            [](const Scene& a, const Scene& b) { return a.project.name() < b.project.name(); });
  for (Scene& scene : scenes_) {
    std::vector<std::string> open;
    CHANYAN_RETURN_IF_ERROR(secretariat.List<registry::v1::ListInstrumentsResponse>(
        absl::StrCat("/v1/", scene.project.university(), "/instruments"),
        {{"filter", "state = OPEN"}}, [&](const registry::v1::ListInstrumentsResponse& page) {
          for (const auto& instrument : page.instruments()) {
            if (!absl::StartsWith(instrument.asset_number(), kOwnAssets)) {
              open.push_back(instrument.name());
            }
          }
        }));
    if (!open.empty()) scene.instrument = *std::min_element(open.begin(), open.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<Caller> Records::Actor(const RecordPlan& act) {
  if (act.project == 0) return accounts_.As(act.who);
  const pairing::v1::Project& project = scenes_[act.project - 1].project;
  const auto account = [&](const std::string& organization, absl::string_view role) {
    return plan_.LoginOf(api::IdOfName(organization), role);
  };
  std::string login;
  if (act.who == "university") login = account(project.university(), "ROLE_RESEARCH_OFFICE");
  if (act.who == "enterprise") login = account(project.enterprise(), "ROLE_ENTERPRISE");
  if (act.who == "unit") login = account(project.unit(), "ROLE_UNIT");
  if (act.who == "secretariat") login = plan_.LoginOfRole("ROLE_SECRETARIAT");
  if (!login.empty()) return accounts_.As(login);
  return status::InvalidField(act.place, absl::StrCat("“", act.who, "”没有账号"));
}

absl::StatusOr<std::string> Records::PushOf(const RecordPlan& act, const std::string& result) {
  CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
  const std::string recipient = absl::StrCat("organizations/", plan_.OrganizationOf(act.who));
  std::string found;
  CHANYAN_RETURN_IF_ERROR(caller.List<triage::v1::ListPushesResponse>(
      absl::StrCat("/v1/", result, "/pushes"), {}, [&](const triage::v1::ListPushesResponse& page) {
        for (const triage::v1::Push& push : page.pushes()) {
          if (push.recipient() == recipient && found.empty()) found = push.name();
        }
      }));
  if (!found.empty()) return found;
  return status::InvalidField(act.place, absl::StrCat(result, " 没有推送给“", act.who, "”"));
}

absl::StatusOr<std::string> Records::OutreachOf(const RecordPlan& act, absl::string_view number) {
  size_t wanted = 0;
  if (!absl::SimpleAtoi(number, &wanted) || wanted == 0) {
    return status::InvalidField(act.place, "第几家未结对企业应从 1 起编号");
  }
  CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
  std::vector<std::string> enterprises;
  CHANYAN_RETURN_IF_ERROR(caller.List<pairing::v1::ListUnpairedEnterprisesResponse>(
      "/v1/unpairedEnterprises", {}, [&](const pairing::v1::ListUnpairedEnterprisesResponse& page) {
        for (const auto& row : page.enterprises()) {
          enterprises.push_back(row.enterprise());
        }
      }));
  std::sort(enterprises.begin(), enterprises.end());
  if (wanted > enterprises.size()) {
    return status::InvalidField(act.place,
                                absl::StrCat("未结对企业只有 ", enterprises.size(), " 家"));
  }
  return absl::StrCat("outreaches/", api::IdOfName(enterprises[wanted - 1]));
}

absl::StatusOr<std::string> Records::Called(const RecordPlan& act, absl::string_view collection,
                                            absl::string_view title) {
  google::protobuf::Struct page;
  CHANYAN_RETURN_IF_ERROR(
      accounts_.As(plan_.LoginOfRole("ROLE_SECRETARIAT"))
          .Get(collection == "organization" ? "/v1/organizations" : "/v1/organizations/-/platforms",
               {{"filter", absl::StrCat("display_name = \"", title, "\"")}}, &page));
  for (const auto& [field, value] : page.fields()) {
    for (const google::protobuf::Value& item : value.list_value().values()) {
      return TextIn(item.struct_value(), "name");
    }
  }
  return status::InvalidField(act.place, absl::StrCat("没有名为“", title, "”的单位或平台"));
}

absl::StatusOr<std::string> Records::MeaningInScene(const RecordPlan& act, absl::string_view word) {
  if (act.project == 0) return std::string();
  const Scene& scene = scenes_[act.project - 1];
  if (word == "project") return scene.project.name();
  if (word == "platform") return scene.project.platform();
  if (word == "university") return scene.project.university();
  if (word == "enterprise") return scene.project.enterprise();
  if (word == "unit") return scene.project.unit();
  if (word == "sign-date" && scene.project.has_sign_date()) {
    CHANYAN_ASSIGN_OR_RETURN(const absl::CivilDay day, time::ToCivilDay(scene.project.sign_date()));
    return DateJson(day);
  }
  if (word == "platform-title") return scene.project.platform_title();
  if (word == "enterprise-title") return scene.project.enterprise_title();
  if (word == "instrument" && !scene.instrument.empty()) return scene.instrument;
  if (word == "free" && !scene.instrument.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
    return FreeTimeOf(std::move(caller), scene.instrument);
  }
  return std::string();
}

absl::StatusOr<std::string> Records::Meaning(const RecordPlan& act, absl::string_view word) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string in_scene, MeaningInScene(act, word));
  if (!in_scene.empty()) return in_scene;
  if (absl::string_view key = word; absl::ConsumePrefix(&key, "push:")) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string result, Meaning(act, key));
    // "r1" is pushed by "r1-dispatch".
    const auto sent = done_.find(absl::StrCat(key, kDispatched));
    const bool pushed = sent != done_.end() && sent->second.name != kImpossible;
    if (result == kImpossible || !pushed) return std::string(kImpossible);
    return PushOf(act, result);
  }
  if (word == "soon") return SoonJson(absl::Now());
  if (absl::ConsumePrefix(&word, "file:")) return DocumentJson(plan_.directory, std::string(word));
  if (absl::ConsumePrefix(&word, "outreach:")) return OutreachOf(act, word);
  for (const absl::string_view collection : {"organization", "platform"}) {
    absl::string_view title = word;
    if (absl::ConsumePrefix(&title, collection) && absl::ConsumePrefix(&title, ":")) {
      return Called(act, collection, title);
    }
  }
  if (absl::ConsumePrefix(&word, "time+")) {
    int days = 0;
    if (!absl::SimpleAtoi(word, &days)) return status::InvalidField(act.place, "天数应为整数");
    return InUtc(time::StartOfDay(time::DayOf(absl::Now()) + days) + kMorning);
  }
  if (absl::ConsumePrefix(&word, "workday-")) {
    int days = 0;
    if (!absl::SimpleAtoi(word, &days)) return status::InvalidField(act.place, "天数应为整数");
    return DateJson(WeekdayBefore(time::DayOf(absl::Now()), days));
  }
  if (absl::ConsumePrefix(&word, "day+")) {
    const absl::CivilDay today = time::DayOf(absl::Now());
    int days = 0;
    if (!absl::SimpleAtoi(word, &days)) return status::InvalidField(act.place, "天数应为整数");
    return DateJson(std::min(today + days, time::Quarter::Of(today).LastDay()));
  }
  const auto earlier = done_.find(std::string(word));
  if (earlier != done_.end() && !earlier->second.name.empty()) return earlier->second.name;
  return status::InvalidField(act.place, absl::StrCat("“{", word, "}”没有所指"));
}

absl::StatusOr<std::string> Records::Filled(const RecordPlan& act, absl::string_view text) {
  std::string filled;
  while (!text.empty()) {
    // A name begins where a letter follows the brace; JSON has a quotation mark or a blank there.
    const size_t open = text.find('{');
    if (open == absl::string_view::npos) return absl::StrCat(filled, text);
    absl::StrAppend(&filled, text.substr(0, open));
    text.remove_prefix(open);
    const size_t close = text.find('}');
    if (text.size() < 2 || !absl::ascii_isalpha(text[1]) || close == absl::string_view::npos) {
      filled.push_back('{');
      text.remove_prefix(1);
      continue;
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::string meaning, Meaning(act, text.substr(1, close - 1)));
    if (meaning == kImpossible) return "";
    filled += meaning;
    text.remove_prefix(close + 1);
  }
  return filled;
}

absl::StatusOr<std::string> Records::Look(const RecordPlan& act, const std::string& target) {
  CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
  const auto [path, query] = SplitTarget(target);
  for (int look = 0; look < kLooks; ++look) {
    if (look > 0) absl::SleepFor(kBetweenLooks);
    google::protobuf::Struct answer;
    CHANYAN_RETURN_IF_ERROR(caller.Get(path, query, &answer));
    const auto list = answer.fields().find(act.take);
    const int found = list == answer.fields().end() ? 0 : list->second.list_value().values_size();
    if (found == 0) continue;
    Say(absl::StrCat(act.place, " 查询 ", target, "：", found, " 项"));
    return absl::StrCat(act.take, "/", found);
  }
  return status::NotFound(absl::StrCat(act.place, " 所查的结果"));
}

absl::StatusOr<std::string> Records::Ask(const RecordPlan& act, const std::string& target,
                                         const std::string& body) {
  if (act.method == kGet) return Look(act, target);
  CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
  auto [path, query] = SplitTarget(target);
  google::protobuf::Struct answer;
  if (act.method == "UPLOAD") {
    query.emplace_back("file_name", body);
    CHANYAN_ASSIGN_OR_RETURN(const std::string bytes,
                             demo::ReadFile(absl::StrCat(plan_.directory, "/files/", body)));
    CHANYAN_RETURN_IF_ERROR(caller.Upload(path, query, bytes, kXlsxType, act.key, &answer));
  } else {
    google::protobuf::Struct question;
    CHANYAN_RETURN_IF_ERROR(FromJson(body, &question));
    if (act.method == "PATCH") query.emplace_back("update_mask", act.mask);
    CHANYAN_RETURN_IF_ERROR(act.method == "PATCH"
                                ? caller.Patch(path, query, question, act.key, &answer)
                                : caller.Post(path, query, question, act.key, &answer));
  }
  if (act.take == kNoName) return std::string(kNoName);
  return TextIn(answer, act.take.empty() ? "name" : act.take);
}

absl::StatusOr<std::string> Records::FindAgain(const RecordPlan& act, const std::string& path,
                                               const std::string& body) {
  if (act.take == kNoName) return std::string(kNoName);
  const std::string collection = SplitTarget(path).first;
  absl::string_view resource = collection;
  absl::ConsumePrefix(&resource, "/v1/");
  // A verb or an edit: it was done to what its path names.
  if (act.method == "PATCH") return std::string(resource);
  if (const size_t verb = resource.find(':'); verb != absl::string_view::npos) {
    return std::string(resource.substr(0, verb));
  }
  CHANYAN_ASSIGN_OR_RETURN(Caller caller, Actor(act));
  google::protobuf::Struct asked;
  CHANYAN_RETURN_IF_ERROR(FromJson(body, &asked));
  std::string token;
  do {
    google::protobuf::Struct page;
    CHANYAN_RETURN_IF_ERROR(caller.Get(collection, {{"page_token", token}}, &page));
    token.clear();
    for (const auto& [field, value] : page.fields()) {
      if (field == "nextPageToken") token = value.string_value();
      for (const google::protobuf::Value& item : value.list_value().values()) {
        if (!demo::IsWhatWasAsked(asked, item.struct_value())) continue;
        return TextIn(item.struct_value(), act.take.empty() ? "name" : act.take);
      }
    }
  } while (!token.empty());
  return status::NotFound(absl::StrCat(act.place, " 所办的记录"));
}

absl::Status Records::Do(const RecordPlan& act) {
  if (static_cast<size_t>(act.project) > scenes_.size()) {
    return status::InvalidField(act.place,
                                absl::StrCat("有账号的企业已签约项目只有 ", scenes_.size(), " 个"));
  }
  Done& done = done_[act.key];
  if (!done.name.empty()) return absl::OkStatus();
  CHANYAN_ASSIGN_OR_RETURN(const std::string path, Filled(act, act.path));
  if (done.body.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(done.body, Filled(act, act.body));
  }
  if (path.empty() || done.body.empty()) {
    done.name = kImpossible;
    return Keep();
  }
  CHANYAN_RETURN_IF_ERROR(Keep());
  absl::StatusOr<std::string> name = Ask(act, path, done.body);
  if (status::ReasonOf(name.status()) == options::v1::ERROR_REASON_REQUEST_ID_REUSED) {
    absl::StatusOr<std::string> again = FindAgain(act, path, done.body);
    if (again.ok()) name = std::move(again);
  }
  if (!name.ok() && LacksCalendar(name.status())) {
    Say(absl::StrCat(act.place, " 未办理：", name.status().message()));
    done.name = kImpossible;
    return Keep();
  }
  // What was done is answered again as it was; this was not, and what came after it was.
  if (lost_ && IsVerb(path) &&
      status::ReasonOf(name.status()) == options::v1::ERROR_REASON_WRONG_STATE) {
    Say(absl::StrCat(act.place, " 上一次没有办理，其后的已办，不再补办：",
                     name.status().message()));
    done.name = kImpossible;
    return Keep();
  }
  if (!name.ok()) {
    Say(absl::StrCat(act.place, " 没有办成"));
    return name.status();
  }
  done.name = *name;
  return Keep();
}

absl::Status Records::Run(bool played) {
  if (acts_.empty()) return absl::OkStatus();
  Recall();
  lost_ = played && done_.empty();
  CHANYAN_RETURN_IF_ERROR(ChooseScenes());
  for (const RecordPlan& act : acts_) CHANYAN_RETURN_IF_ERROR(Do(act));
  Say(InWords());
  return absl::OkStatus();
}

std::string Records::InWords() const {
  // Names of a kind, each once however many acts it took.
  std::map<std::string, std::map<std::string, int>> names;
  for (const auto& [key, done] : done_) {
    if (!done.name.empty() && done.name != kImpossible) {
      const std::vector<std::string> parts = absl::StrSplit(done.name, '/');
      if (parts.size() >= 2) ++names[parts[parts.size() - 2]][done.name];
    }
  }
  std::vector<std::string> words;
  const auto lists = std::count_if(acts_.begin(), acts_.end(), [](const RecordPlan& act) {
    return act.method == "UPLOAD" && act.take == kNoName;
  });
  if (lists > 0) words.push_back(absl::StrCat("导入清单 ", lists, " 份"));
  const auto looks = std::count_if(acts_.begin(), acts_.end(),
                                   [](const RecordPlan& act) { return act.method == kGet; });
  if (looks > 0) words.push_back(absl::StrCat("查询 ", looks, " 次"));
  for (const auto& [kind, title] :
       std::vector<std::pair<std::string, std::string>>{{"contacts", "沟通记录"},
                                                        {"problems", "痛点难点"},
                                                        {"outcomes", "共建成效"},
                                                        {"intents", "共建意向"},
                                                        {"outreaches", "未结对企业跟进"},
                                                        {"attempts", "走访联系"},
                                                        {"bookings", "仪器预约"},
                                                        {"useRecords", "年度机时"},
                                                        {"attachments", "平台附件"},
                                                        {"revisions", "平台修订"},
                                                        {"results", "科技成果"},
                                                        {"demands", "技术需求"},
                                                        {"dispositions", "分类结论"},
                                                        {"pushes", "已办推送"},
                                                        {"handovers", "首问移交"},
                                                        {"followUps", "跟踪记录"},
                                                        {"matchDismissals", "匹配反馈"},
                                                        {"lists", "产业清单"},
                                                        {"reports", "报告"},
                                                        {"organizations", "名录单位"},
                                                        {"distinctPairs", "查重认定"},
                                                        {"agreements", "共建协议"},
                                                        {"versions", "季度进展"},
                                                        {"instruments", "自建仪器"},
                                                        {"chainCampaigns", "产业链活动"},
                                                        {"actionTasks", "工作任务"}}) {
    if (names.contains(kind)) words.push_back(absl::StrCat(title, " ", names[kind].size(), " 条"));
  }
  return absl::StrJoin(words, "，");
}

}  // namespace chanyan::quarter
