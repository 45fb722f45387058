#include "tests/perf/texts.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/normalize.h"
#include "google/protobuf/util/time_util.h"

namespace chanyan::perf {
namespace {

// The most frequent ones, in order.
constexpr const char* kCommon[] = {
    "技术", "研究", "平台", "开发", "检测",   "海洋",   "装备", "材料", "服务",   "智能",
    "系统", "设计", "试验", "工程", "制造",   "能源",   "环境", "分析", "验证",   "中试",
    "控制", "监测", "数据", "工艺", "机器人", "新材料", "腐蚀", "防护", "传感器", "水下",
    "药物", "生物", "低空", "卫星", "焊接",   "疲劳",   "涂层", "电池", "氢能",   "养殖",
    "种业", "光纤", "芯片", "仿真", "算法",   "健康",   "食品"};
constexpr const char* kIndustries[] = {
    "新一代信息技术", "人工智能", "生命健康",         "智能网联新能源汽车", "低空经济", "绿色能源",
    "智能装备",       "智能家电", "高端化工与新材料", "现代轻工",           "海洋装备"};
constexpr size_t kRareWords = 30'000;
// Characters that rare words are made of.
constexpr char32_t kFirstCharacter = 0x4E00;
constexpr size_t kCharacters = 3000;
constexpr int kOrganizations = 60;

}  // namespace

TextMaker::TextMaker(uint32_t seed) : random_(seed) {
  words_.assign(std::begin(kCommon), std::end(kCommon));
  // The vocabulary is the same whatever the seed.
  std::mt19937_64 vocabulary(20250401);
  while (words_.size() < kRareWords) {
    std::string word;
    for (size_t i = 2 + vocabulary() % 2; i > 0; --i) {
      api::AppendUtf8(kFirstCharacter + static_cast<char32_t>(vocabulary() % kCharacters), &word);
    }
    words_.push_back(std::move(word));
  }
  double sum = 0;
  for (size_t i = 0; i < words_.size(); ++i) {
    sum += 1.0 / static_cast<double>(i + 8);
    sums_.push_back(sum);
  }
}

const std::string& TextMaker::Word() {
  const double at = std::uniform_real_distribution<double>(0, sums_.back())(random_);
  return words_[static_cast<size_t>(std::lower_bound(sums_.begin(), sums_.end(), at) -
                                    sums_.begin())];
}

std::string TextMaker::Words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, Word(), Draw(6) == 0 ? "，" : "");
  return text;
}

registry::v1::Platform TextMaker::MakePlatform(int number) {
  registry::v1::Platform row;
  row.set_organization(absl::StrFormat("organizations/perf-u%02d", number % kOrganizations));
  row.set_name(absl::StrFormat("%s/platforms/p%06d", row.organization(), number));
  row.set_organization_title("演示大学");
  row.set_display_name(absl::StrCat(Words(3), "实验室（演示）"));
  row.set_kind(static_cast<registry::v1::PlatformKind>(1 + Draw(7)));
  row.set_level(static_cast<registry::v1::PlatformLevel>(1 + Draw(4)));
  row.set_introduction(Words(120));
  for (int i = 0; i < 4; ++i) row.add_capabilities(Words(3));
  row.add_industries(kIndustries[Draw(std::size(kIndustries))]);
  row.set_state(registry::v1::PLATFORM_STATE_PUBLISHED);
  const int64_t confirmed = 1'743'469'200 - static_cast<int64_t>(Draw(300)) * 86'400;
  *row.mutable_confirm_time() = google::protobuf::util::TimeUtil::SecondsToTimestamp(confirmed);
  *row.mutable_update_time() = row.confirm_time();
  row.set_demonstration(true);
  return row;
}

}  // namespace chanyan::perf
