#include "services/triage/library_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "common/api/digest.h"
#include "common/api/normalize.h"
#include "common/db/in_chunks.h"
#include "common/status/status.h"
#include "services/triage/demand_life.h"
#include "services/triage/result_life.h"

namespace chanyan::triage {
namespace {

constexpr char kDelete[] = "DELETE FROM library_key WHERE subject = ?";
constexpr char kDeleteAll[] = "DELETE FROM library_key WHERE subject IN ";
constexpr char kInsert[] = "INSERT INTO library_key (subject, kind, value, sole) VALUES ";
constexpr char kOneRow[] = "(?, ?, ?, ?)";
constexpr char kSole[] = "SELECT subject FROM library_key WHERE sole = ? FOR UPDATE";
constexpr char kSoles[] = "SELECT sole, subject FROM library_key WHERE sole IN ";
constexpr char kHolders[] =
    "SELECT DISTINCT subject, kind FROM library_key "
    "WHERE kind = ? AND value = ? AND subject <> ? AND subject LIKE ? ORDER BY subject LIMIT 50";

std::string KindOf(v1::LikenessReason reason) {
  switch (reason) {
    case v1::LIKENESS_REASON_REGISTRATION:
      return "REGISTRATION";
    case v1::LIKENESS_REASON_RIGHT:
      return "RIGHT";
    default:
      return "TITLE";
  }
}

std::string Text(const db::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

void AddKey(v1::LikenessReason reason, absl::string_view text, std::vector<LibraryKey>* keys) {
  std::string key = api::TextKey(text);
  if (key.empty()) return;
  for (const LibraryKey& known : *keys) {
    if (known.reason == reason && known.value == key) return;
  }
  keys->push_back({reason, std::move(key)});
}

absl::Status TitleTaken() { return status::AlreadyExists("", "该单位已有同名条目，请更换名称"); }

}  // namespace

std::vector<LibraryKey> KeysOf(const v1::Result& result) {
  std::vector<LibraryKey> keys;
  AddKey(v1::LIKENESS_REASON_TITLE, result.title(), &keys);
  AddKey(v1::LIKENESS_REASON_REGISTRATION, result.registration_number(), &keys);
  for (const v1::Right& right : result.rights()) {
    AddKey(v1::LIKENESS_REASON_RIGHT, right.number(), &keys);
  }
  return keys;
}

std::vector<LibraryKey> KeysOf(const v1::Demand& demand) {
  std::vector<LibraryKey> keys;
  AddKey(v1::LIKENESS_REASON_TITLE, demand.title(), &keys);
  return keys;
}

std::string SoleKeyOf(const v1::Result& result) {
  if (!IsOpen(result.state())) return "";
  return absl::StrCat("r+", result.university(), "+", api::TextKey(result.title()));
}

std::string SoleKeyOf(const v1::Demand& demand) {
  if (!IsOpen(demand.state())) return "";
  return absl::StrCat("d+", demand.enterprise(), "+", api::TextKey(demand.title()));
}

absl::Status WriteLibraryKeys(db::Session& session, const std::string& subject,
                              const std::vector<LibraryKey>& keys, const std::string& sole) {
  if (!sole.empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const std::string holder, SoleHolder(session, sole));
    if (!holder.empty() && holder != subject) return TitleTaken();
  }
  CHANYAN_RETURN_IF_ERROR(session.Execute(kDelete, {subject}).status());
  return AddLibraryKeys(session, subject, keys, sole);
}

absl::Status AddLibraryKeys(db::Session& session, const std::string& subject,
                            const std::vector<LibraryKey>& keys, const std::string& sole) {
  if (keys.empty()) return absl::OkStatus();
  std::vector<std::string> rows(keys.size(), kOneRow);
  db::Values values;
  for (const LibraryKey& key : keys) {
    values.push_back(subject);
    values.push_back(KindOf(key.reason));
    values.push_back(key.value);
    values.push_back(&key == &keys.front() && !sole.empty() ? db::Value(sole) : db::Value());
  }
  return session.Execute(absl::StrCat(kInsert, absl::StrJoin(rows, ", ")), values).status();
}

bool SameKeys(const v1::Result& a, const v1::Result& b) {
  return a.title() == b.title() && a.state() == b.state() && a.university() == b.university() &&
         a.registration_number() == b.registration_number() && a.rights_size() == b.rights_size() &&
         std::equal(a.rights().begin(), a.rights().end(), b.rights().begin(),
                    [](const v1::Right& one, const v1::Right& other) {
                      return one.number() == other.number();
                    });
}

absl::Status WriteAllLibraryKeys(db::Session& session, const std::vector<EntryKeys>& entries) {
  std::vector<std::string> subjects;
  std::vector<std::string> soles;
  std::vector<db::Values> rows;
  for (const EntryKeys& entry : entries) {
    subjects.push_back(entry.subject);
    if (!entry.sole.empty()) soles.push_back(entry.sole);
    for (const LibraryKey& key : entry.keys) {
      const bool first = &key == &entry.keys.front() && !entry.sole.empty();
      rows.push_back({entry.subject, KindOf(key.reason), key.value,
                      first ? db::Value(entry.sole) : db::Value()});
    }
  }
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(subjects, [&](absl::Span<const std::string> chunk) -> absl::Status {
        return session
            .Execute(absl::StrCat(kDeleteAll, db::Marks(chunk.size())),
                     db::Values(chunk.begin(), chunk.end()))
            .status();
      }));
  CHANYAN_ASSIGN_OR_RETURN(const auto taken, SoleHolders(session, std::move(soles)));
  if (!taken.empty()) return TitleTaken();
  return db::InChunks(rows, [&](absl::Span<const db::Values> chunk) -> absl::Status {
    db::Values values;
    for (const db::Values& row : chunk) values.insert(values.end(), row.begin(), row.end());
    return session.Execute(absl::StrCat(kInsert, db::Repeat(chunk.size(), kOneRow)), values)
        .status();
  });
}

absl::StatusOr<absl::flat_hash_map<std::string, std::string>> SoleHolders(
    db::Session& session, std::vector<std::string> soles) {
  // In one order, whoever locks them.
  std::sort(soles.begin(), soles.end());
  absl::flat_hash_map<std::string, std::string> holders;
  CHANYAN_RETURN_IF_ERROR(
      db::InChunks(soles, [&](absl::Span<const std::string> chunk) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows found,
            session.Query(absl::StrCat(kSoles, db::Marks(chunk.size()), " FOR UPDATE"),
                          db::Values(chunk.begin(), chunk.end())));
        for (const db::Values& row : found.rows) holders[Text(row[0])] = Text(row[1]);
        return absl::OkStatus();
      }));
  return holders;
}

absl::StatusOr<std::string> SoleHolder(db::Session& session, const std::string& sole) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(kSole, {sole}));
  return rows.rows.empty() ? std::string() : Text(rows.rows.front()[0]);
}

absl::Status TwinExists(absl::string_view owner, absl::string_view label, absl::string_view name) {
  return status::AlreadyExists(
      name, name.empty()
                ? absl::StrCat("“", owner, "”已有同名", label,
                               "，但不由本单位负责，不能重复录入；请更换名称，或与成果处联系")
                : absl::StrCat("“", owner, "”已有同名", label, "，请在原条目上修改"));
}

absl::StatusOr<std::vector<KeyHolder>> HoldersOf(db::Session& session, absl::string_view collection,
                                                 absl::string_view subject,
                                                 const std::vector<LibraryKey>& keys) {
  std::vector<KeyHolder> holders;
  for (const LibraryKey& key : keys) {
    CHANYAN_ASSIGN_OR_RETURN(
        const db::Rows rows,
        session.Query(kHolders, {KindOf(key.reason), key.value, std::string(subject),
                                 absl::StrCat(collection, "%")}));
    for (const db::Values& row : rows.rows) holders.push_back({Text(row[0]), key.reason});
  }
  return holders;
}

}  // namespace chanyan::triage
