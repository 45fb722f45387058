#include "services/registry/name_index.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"

namespace chanyan::registry {
namespace {

// Organization code (GB 11714) within a unified social credit code: it stays the same when the
// registration moves.
constexpr size_t kOrganizationCodeAt = 8;
constexpr size_t kOrganizationCodeLength = 9;

// First organizations of a window when pairs are looked for.
constexpr int kWindow = 200;

constexpr char kDropKeys[] = "DELETE FROM organization_key WHERE organization IN ";
constexpr char kAddKeys[] =
    "INSERT INTO organization_key (organization, kind, value, former, fingerprint) VALUES ";
constexpr char kHolders[] =
    "SELECT kind, value, organization, former FROM organization_key WHERE kind = ? AND value IN ";
constexpr char kOutdated[] =
    "SELECT name FROM organization WHERE NOT EXISTS (SELECT 1 FROM organization_key k "
    "WHERE k.organization = name AND k.fingerprint = ?) ORDER BY name LIMIT ?";

// Organizations from $0 = ">" or ">=" a name on that share a key with one behind them, in the order
// of the primary key: a subquery that is no EXISTS is not turned into a join of its own order.
constexpr char kFirsts[] =
    "SELECT DISTINCT a.organization FROM organization_key a WHERE a.organization $0 ? "
    "AND (SELECT MAX(b.organization) FROM organization_key b "
    "WHERE b.kind = a.kind AND b.value = a.value) > a.organization "
    "ORDER BY a.organization LIMIT ?";

// What two look alike by, as ReasonBits, of the pairs $0. The bits are those of BitOf. The join's
// order is said, because there may be no statistics yet.
constexpr char kPairs[] =
    "SELECT STRAIGHT_JOIN LEAST(a.organization, b.organization) AS p, GREATEST(a.organization, "
    "b.organization) "
    "AS q, BIT_OR(CASE WHEN a.kind = 'CODE' THEN 1 WHEN a.former + b.former > 0 THEN 4 "
    "WHEN a.kind = 'NAME' THEN 2 ELSE 8 END) AS bits "
    "FROM organization_key a "
    "JOIN organization_key b ON b.kind = a.kind AND b.value = a.value "
    "JOIN organization x ON x.name = a.organization "
    "JOIN organization y ON y.name = b.organization "
    "WHERE x.state <> 'MERGED' AND y.state <> 'MERGED' AND (a.kind <> 'CORE' OR x.kind = y.kind) "
    "AND $0 GROUP BY p, q";
// Without what was found to be different for the same reasons.
constexpr char kOpen[] =
    "SELECT p, q, CAST(bits AS SIGNED) FROM ($0) AS alike WHERE bits & ~COALESCE((SELECT settled "
    "FROM distinct_pair WHERE first = p AND second = q), 0) <> 0 ORDER BY p, q LIMIT ?";

std::string Text(const db::Value& value) { return std::get<std::string>(value); }

std::vector<Likeness> LikenessesIn(const db::Rows& found) {
  std::vector<Likeness> likenesses;
  for (const db::Values& row : found.rows) {
    likenesses.push_back({Text(row[0]), Text(row[1]), std::get<int64_t>(row[2])});
  }
  return likenesses;
}

}  // namespace

ReasonBits BitOf(v1::DuplicateReason reason) {
  return reason == v1::DUPLICATE_REASON_UNSPECIFIED ? 0
                                                    : int64_t{1} << (static_cast<int>(reason) - 1);
}

std::vector<v1::DuplicateReason> ReasonsOf(ReasonBits bits) {
  std::vector<v1::DuplicateReason> reasons;
  for (int number = 1; number < v1::DuplicateReason_ARRAYSIZE; ++number) {
    const auto reason = static_cast<v1::DuplicateReason>(number);
    if ((bits & BitOf(reason)) != 0) reasons.push_back(reason);
  }
  return reasons;
}

v1::DuplicateReason ReasonOf(absl::string_view kind, bool former) {
  if (kind == kCodeKey) return v1::DUPLICATE_REASON_SAME_CODE;
  if (former) return v1::DUPLICATE_REASON_FORMER_NAME;
  return kind == kNameKey ? v1::DUPLICATE_REASON_SAME_NAME : v1::DUPLICATE_REASON_SIMILAR_NAME;
}

std::vector<NameKey> NameIndex::KeysOf(const v1::Organization& organization) const {
  std::vector<NameKey> keys;
  const auto add = [&keys](const char* kind, std::string value, bool former) {
    const bool known = std::any_of(keys.begin(), keys.end(), [&](const NameKey& key) {
      return key.kind == kind && key.value == value;
    });
    if (!value.empty() && !known) keys.push_back({kind, std::move(value), former});
  };
  const std::string& code = organization.unified_social_credit_code();
  if (code.size() >= kOrganizationCodeAt + kOrganizationCodeLength) {
    add(kCodeKey, code.substr(kOrganizationCodeAt, kOrganizationCodeLength), false);
  }
  const std::string name = keys_.Name(organization.display_name());
  // Of nothing but signs: as it is written, because every organization has a key.
  add(kNameKey, name.empty() ? organization.display_name() : name, false);
  add(kCoreKey, keys_.Core(organization.display_name()), false);
  for (const v1::FormerName& former : organization.former_names()) {
    add(kNameKey, keys_.Name(former.display_name()), true);
    add(kCoreKey, keys_.Core(former.display_name()), true);
  }
  return keys;
}

absl::Status NameIndex::Write(db::Session& session,
                              absl::Span<const v1::Organization* const> organizations,
                              bool fresh) const {
  if (!fresh) {
    const auto drop = [&](absl::Span<const v1::Organization* const> chunk) {
      db::Values names;
      for (const v1::Organization* one : chunk) names.push_back(one->name());
      return session.Later(absl::StrCat(kDropKeys, db::Marks(chunk.size())), std::move(names));
    };
    CHANYAN_RETURN_IF_ERROR(db::InChunks(organizations, drop));
  }
  struct Row {
    const std::string* organization;
    NameKey key;
  };
  std::vector<Row> rows;
  for (const v1::Organization* one : organizations) {
    for (NameKey& key : KeysOf(*one)) rows.push_back({&one->name(), std::move(key)});
  }
  return db::InChunks(absl::MakeConstSpan(rows), [&](absl::Span<const Row> chunk) -> absl::Status {
    db::Values values;
    for (const Row& row : chunk) {
      values.insert(values.end(), {*row.organization, row.key.kind, row.key.value,
                                   int64_t{row.key.former}, keys_.fingerprint()});
    }
    return session.Later(absl::StrCat(kAddKeys, db::Repeat(chunk.size(), "(?, ?, ?, ?, ?)")),
                         std::move(values));
  });
}

absl::StatusOr<std::vector<KeyHolder>> NameIndex::HoldersOf(
    db::Session& session, const std::vector<NameKey>& keys) const {
  std::map<std::string, std::vector<std::string>> by_kind;
  for (const NameKey& key : keys) by_kind[key.kind].push_back(key.value);
  std::vector<KeyHolder> holders;
  for (auto& [kind, values] : by_kind) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    const auto ask = [&, kind = kind](absl::Span<const std::string> chunk) -> absl::Status {
      db::Values params = {kind};
      params.insert(params.end(), chunk.begin(), chunk.end());
      CHANYAN_ASSIGN_OR_RETURN(
          const db::Rows found,
          session.Query(absl::StrCat(kHolders, db::Marks(chunk.size())), params));
      for (const db::Values& row : found.rows) {
        holders.push_back(
            {Text(row[0]), Text(row[1]), Text(row[2]), std::get<int64_t>(row[3]) != 0});
      }
      return absl::OkStatus();
    };
    CHANYAN_RETURN_IF_ERROR(db::InChunks(absl::MakeConstSpan(values), ask));
  }
  return holders;
}

absl::StatusOr<std::vector<Likeness>> NameIndex::LikenessesAfter(db::Session& session,
                                                                 const std::string& first,
                                                                 const std::string& second,
                                                                 int limit) const {
  // Pairs behind (first, second) with the first of them in a window: never more than the window's
  // are sorted.
  static const std::string* const kInWindow = new std::string(absl::Substitute(
      kOpen,
      absl::Substitute(kPairs, absl::StrCat("a.organization IN (", db::Repeat(kWindow, "?"),
                                            ") AND b.organization > a.organization "
                                            "AND (a.organization > ? OR b.organization > ?)"))));
  std::vector<Likeness> all;
  std::string from = first;
  absl::string_view reach = ">=";
  while (static_cast<int>(all.size()) < limit) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows window, session.Query(absl::Substitute(kFirsts, reach),
                                                                  {from, int64_t{kWindow}}));
    if (window.rows.empty()) break;
    const std::string last = Text(window.rows.back()[0]);
    db::Values params;
    for (const db::Values& row : window.rows) params.push_back(row[0]);
    // Always as many, so that it is one statement to prepare.
    params.resize(kWindow, last);
    params.insert(params.end(), {first, second, int64_t{limit} - static_cast<int64_t>(all.size())});
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(*kInWindow, params));
    std::vector<Likeness> more = LikenessesIn(found);
    std::move(more.begin(), more.end(), std::back_inserter(all));
    from = last;
    reach = ">";
  }
  return all;
}

absl::StatusOr<std::vector<Likeness>> NameIndex::LikenessesOf(db::Session& session,
                                                              const std::string& organization,
                                                              const std::string& after,
                                                              int limit) const {
  static const std::string* const kOfOne = new std::string(absl::Substitute(
      kOpen, absl::Substitute(kPairs,
                              "a.organization = ? AND b.organization <> a.organization "
                              "AND b.organization > ?")));
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(*kOfOne, {organization, after, int64_t{limit}}));
  return LikenessesIn(found);
}

absl::StatusOr<ReasonBits> NameIndex::Compare(db::Session& session, const std::string& a,
                                              const std::string& b) const {
  static const std::string* const kOfTwo =
      new std::string(absl::Substitute(kPairs, "a.organization = ? AND b.organization = ?"));
  CHANYAN_ASSIGN_OR_RETURN(
      const db::Rows found,
      session.Query(absl::StrCat("SELECT CAST(bits AS SIGNED) FROM (", *kOfTwo, ") AS alike"),
                    {a, b}));
  return found.rows.empty() ? 0 : std::get<int64_t>(found.rows[0][0]);
}

absl::StatusOr<std::vector<std::string>> NameIndex::Outdated(db::Session& session,
                                                             int limit) const {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kOutdated, {keys_.fingerprint(), int64_t{limit}}));
  std::vector<std::string> names;
  for (const db::Values& row : found.rows) names.push_back(Text(row[0]));
  return names;
}

}  // namespace chanyan::registry
