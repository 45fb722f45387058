// Checks that many kinds of items of a pack share: ids, names, clauses, dates.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chanyan/policy/v1/policy.pb.h"
#include "common/policy/pack_source.h"
#include "common/time/civil.h"

namespace chanyan::policy {

// Lower-case letters, digits and _ . - ; a letter first unless a digit may be.
inline bool IsId(absl::string_view id, bool may_begin_with_digit) {
  for (const char c : id) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_' && c != '.' && c != '-') {
      return false;
    }
  }
  return !id.empty() &&
         (absl::ascii_islower(id[0]) || (may_begin_with_digit && absl::ascii_isdigit(id[0])));
}

// Collects what is wrong, each with its place. Not for threads.
class ItemChecks {
 protected:
  using Message = google::protobuf::Message;

  explicit ItemChecks(const PackSource& source) : source_(source) {}

  std::vector<PackError> TakeErrors() { return std::move(errors_); }

  void Add(const Message& message, int field, absl::string_view what, int index = -1) {
    errors_.push_back({source_.Where(message, field, index), std::string(what)});
  }

  // `of` names the thing for people, e.g. "规则“pairing.coverage”".
  void Filled(const Message& message, int field, absl::string_view value, absl::string_view of,
              absl::string_view label) {
    if (absl::StripAsciiWhitespace(value).empty()) {
      Add(message, field, absl::StrCat(of, "：未填写", label));
    }
  }

  // An enum that must not be left unspecified.
  void Chosen(const Message& message, int field, int value, absl::string_view of,
              absl::string_view label) {
    if (value == 0) {
      Add(message, field, absl::StrCat(of, "：未指定", label));
    }
  }

  template <typename Item>
  void HasClause(const Item& item, absl::string_view of) {
    if (!item.has_clause()) {
      Add(item, 0, absl::StrCat(of, "：未填写依据（clause）"));
      return;
    }
    const v1::Clause& clause = item.clause();
    Filled(clause, v1::Clause::kDocumentFieldNumber, clause.document(), of, "依据的文件");
    Filled(clause, v1::Clause::kArticleFieldNumber, clause.article(), of, "依据的条款");
    Filled(clause, v1::Clause::kTextFieldNumber, clause.text(), of, "依据的原文");
  }

  template <typename Item>
  void HasOrigin(const Item& item, absl::string_view of) {
    Chosen(item, Item::kOriginFieldNumber, item.origin(), of, "来源（origin）");
    if (item.origin() == v1::ORIGIN_CHOSEN) {
      Filled(item, Item::kNoteFieldNumber, item.note(), of, "选定理由（note）");
    }
  }

  // Id, its uniqueness within `seen`, and name; how to call the item in further errors.
  template <typename Item>
  std::string Identity(const Item& item, absl::string_view kind,
                       absl::flat_hash_set<std::string>& seen, bool may_begin_with_digit = false) {
    const std::string of = absl::StrCat(kind, "“", item.id(), "”");
    if (!IsId(item.id(), may_begin_with_digit)) {
      Add(item, Item::kIdFieldNumber,
          absl::StrCat(of, "：编号应由小写字母、数字和 _ . - 组成，并以小写字母开头"));
    } else if (!seen.insert(item.id()).second) {
      Add(item, Item::kIdFieldNumber, absl::StrCat(of, "：编号重复"));
    }
    return of;
  }

  template <typename Item>
  std::string NamedIdentity(const Item& item, absl::string_view kind,
                            absl::flat_hash_set<std::string>& seen,
                            bool may_begin_with_digit = false) {
    std::string of = Identity(item, kind, seen, may_begin_with_digit);
    Filled(item, Item::kDisplayNameFieldNumber, item.display_name(), of, "名称");
    return of;
  }

  void UniqueName(const Message& message, int field, const std::string& name, absl::string_view of,
                  absl::flat_hash_set<std::string>& seen) {
    if (!name.empty() && !seen.insert(name).second) {
      Add(message, field, absl::StrCat(of, "：名称“", name, "”重复"));
    }
  }

  bool ValidDate(const Message& holder, int field, const google::type::Date& date,
                 absl::string_view of) {
    const auto day = time::ToCivilDay(date);
    if (!day.ok()) {
      Add(holder, field, absl::StrCat(of, "：", day.status().message()));
    }
    return day.ok();
  }

  template <typename Item>
  void ValidSpan(const Item& item, int first_field, const google::type::Date& first, int last_field,
                 const google::type::Date& last, absl::string_view of) {
    const bool begins = ValidDate(item, first_field, first, of);
    const bool ends = ValidDate(item, last_field, last, of);
    if (begins && ends && *time::ToCivilDay(last) < *time::ToCivilDay(first)) {
      Add(item, last_field, absl::StrCat(of, "：结束日期早于开始日期"));
    }
  }

  template <typename Item>
  void Sequence(const Item& item, absl::string_view of, absl::flat_hash_set<uint32_t>& seen) {
    if (item.sequence() == 0 || !seen.insert(item.sequence()).second) {
      Add(item, Item::kSequenceFieldNumber, absl::StrCat(of, "：序号未填写或重复"));
    }
  }

 private:
  const PackSource& source_;
  std::vector<PackError> errors_;
};

}  // namespace chanyan::policy
