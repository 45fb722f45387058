#include "services/pairing/outreach_rules.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/time/timestamp.h"

namespace chanyan::pairing {
namespace {

const policy::v1::OutreachPolicy& Policy(const policy::Pack& pack) {
  return pack.proto().pairing().outreach();
}

// Null if there is none.
template <class Items>
auto FindId(const Items& items, absl::string_view id) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.id() == id; });
  return found == items.end() ? nullptr : &*found;
}

template <class Items>
std::string TitleOf(const Items& items, absl::string_view id) {
  const auto* item = FindId(items, id);
  return item == nullptr ? std::string(id) : item->display_name();
}

template <class Items>
std::string Choices(const Items& items) {
  return absl::StrJoin(items, "、", [](std::string* out, const auto& item) {
    absl::StrAppend(out, item.display_name());
  });
}

template <class Items>
void CheckId(const Items& items, absl::string_view field, const std::string& id,
             std::vector<status::Violation>* out) {
  if (id.empty() || FindId(items, id) != nullptr) return;
  out->push_back(
      {std::string(field), absl::StrCat("没有编号为“", id, "”的选项，可选：", Choices(items))});
}

template <class Items>
std::string IdOf(const Items& items, absl::string_view field, const std::string& title,
                 std::vector<status::Violation>* out) {
  if (title.empty()) return "";
  for (const auto& item : items) {
    if (item.display_name() == title) return item.id();
  }
  out->push_back(
      {std::string(field), absl::StrCat("“", title, "”不在选项中，可选：", Choices(items))});
  return "";
}

// Contacts by time; those of one instant by name, so that any order of arrival comes to the same.
bool Earlier(const v1::ContactAttempt* a, const v1::ContactAttempt* b) {
  return std::forward_as_tuple(time::ToTime(a->contact_time()), a->name()) <
         std::forward_as_tuple(time::ToTime(b->contact_time()), b->name());
}

}  // namespace

std::vector<status::Violation> ContactViolations(const policy::Pack& pack,
                                                 const v1::ContactAttempt& attempt,
                                                 absl::Time now) {
  std::vector<status::Violation> out;
  if (time::ToTime(attempt.contact_time()) > now) {
    out.push_back({"contact_time", "联系时间不能晚于现在"});
  }
  CheckId(Policy(pack).methods(), "method", attempt.method(), &out);
  CheckId(Policy(pack).results(), "result", attempt.result(), &out);
  CheckId(Policy(pack).reasons(), "reason", attempt.reason(), &out);
  return out;
}

void SettleReason(const policy::Pack& pack, v1::ContactAttempt* attempt) {
  const auto* result = FindId(Policy(pack).results(), attempt->result());
  if (attempt->reason().empty() && result != nullptr) attempt->set_reason(result->reason_id());
  if (!attempt->reason().empty()) {
    attempt->set_reason_effect(v1::REASON_EFFECT_SET);
  } else if (result != nullptr && result->clears_reason()) {
    attempt->set_reason_effect(v1::REASON_EFFECT_CLEAR);
  } else {
    attempt->set_reason_effect(v1::REASON_EFFECT_KEEP);
  }
}

void Derive(absl::Span<const v1::ContactAttempt> attempts, v1::Outreach* outreach) {
  std::vector<const v1::ContactAttempt*> valid;
  for (const v1::ContactAttempt& attempt : attempts) {
    if (attempt.state() == v1::CONTACT_ATTEMPT_STATE_VALID) valid.push_back(&attempt);
  }
  std::sort(valid.begin(), valid.end(), Earlier);
  outreach->set_contact_count(static_cast<int32_t>(valid.size()));
  outreach->clear_last_contact_time();
  outreach->clear_last_method();
  outreach->clear_last_result();
  outreach->clear_reason();
  outreach->clear_reason_time();
  if (valid.empty()) return;
  *outreach->mutable_last_contact_time() = valid.back()->contact_time();
  outreach->set_last_method(valid.back()->method());
  outreach->set_last_result(valid.back()->result());
  for (auto at = valid.rbegin(); at != valid.rend(); ++at) {
    if ((*at)->reason_effect() == v1::REASON_EFFECT_KEEP) continue;
    if ((*at)->reason_effect() == v1::REASON_EFFECT_SET) {
      outreach->set_reason((*at)->reason());
      *outreach->mutable_reason_time() = (*at)->contact_time();
    }
    return;
  }
}

bool SameContact(const v1::ContactAttempt& a, const v1::ContactAttempt& b) {
  const auto day = [](const v1::ContactAttempt& one) {
    const auto& date = one.next_action_date();
    return std::make_tuple(date.year(), date.month(), date.day());
  };
  return time::ToTime(a.contact_time()) == time::ToTime(b.contact_time()) &&
         a.contact_person() == b.contact_person() && a.counterpart() == b.counterpart() &&
         a.method() == b.method() && a.result() == b.result() && a.reason() == b.reason() &&
         a.content() == b.content() && day(a) == day(b);
}

std::string ReasonTitle(const policy::Pack& pack, absl::string_view id) {
  return TitleOf(Policy(pack).reasons(), id);
}
std::string MethodTitle(const policy::Pack& pack, absl::string_view id) {
  return TitleOf(Policy(pack).methods(), id);
}
std::string ResultTitle(const policy::Pack& pack, absl::string_view id) {
  return TitleOf(Policy(pack).results(), id);
}

void SetTitles(const policy::Pack& pack, v1::ContactAttempt* attempt) {
  attempt->set_method_title(MethodTitle(pack, attempt->method()));
  attempt->set_result_title(ResultTitle(pack, attempt->result()));
  attempt->set_reason_title(ReasonTitle(pack, attempt->reason()));
}

std::vector<status::Violation> TakeTitles(const policy::Pack& pack, v1::ContactAttempt* attempt) {
  std::vector<status::Violation> out;
  const auto required = [&](absl::string_view field, absl::string_view label,
                            const std::string& title) {
    if (title.empty()) {
      out.push_back({std::string(field), absl::StrCat("“", label, "”必须填写")});
    }
  };
  required("method_title", "联系方式", attempt->method_title());
  required("result_title", "联系结果", attempt->result_title());
  attempt->set_method(IdOf(Policy(pack).methods(), "method_title", attempt->method_title(), &out));
  attempt->set_result(IdOf(Policy(pack).results(), "result_title", attempt->result_title(), &out));
  attempt->set_reason(IdOf(Policy(pack).reasons(), "reason_title", attempt->reason_title(), &out));
  attempt->clear_method_title();
  attempt->clear_result_title();
  attempt->clear_reason_title();
  return out;
}

}  // namespace chanyan::pairing
