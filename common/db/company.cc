#include "common/db/company.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/db/merged_inserts.h"
#include "common/db/sessions.h"
#include "common/status/status.h"

namespace chanyan::db {
namespace {

// A companion whose closure came to its end, and what it would write.
struct Ready {
  Companion* companion;
  std::vector<Statement> statements;
  // Of all of its statements: alike are those that say the same of other rows.
  std::string text;
};

std::vector<Ready> RunAll(absl::Span<Companion> all) {
  std::vector<Ready> ready;
  for (Companion& companion : all) {
    CollectingSession session;
    companion.status = companion.work(session);
    if (session.asked()) companion.status = absl::AbortedError("");
    if (!companion.status.ok() || session.statements().empty()) continue;
    std::string text;
    for (const Statement& statement : session.statements()) {
      absl::StrAppend(&text, statement.sql, ";");
    }
    ready.push_back({&companion, std::move(session.statements()), std::move(text)});
  }
  std::stable_sort(ready.begin(), ready.end(),
                   [](const Ready& a, const Ready& b) { return a.text < b.text; });
  return ready;
}

absl::Status Send(Database& database, absl::Time deadline, absl::Span<Ready> round) {
  std::vector<Statement> all;
  for (Ready& one : round) {
    std::move(one.statements.begin(), one.statements.end(), std::back_inserter(all));
  }
  all = MergedInserts(std::move(all));
  TransactOptions options;
  options.deadline = deadline;
  return database.Transact(options, [&all](Session& session) -> absl::Status {
    for (const Statement& statement : all) {
      CHANYAN_RETURN_IF_ERROR(session.Later(statement.sql, statement.params));
    }
    return absl::OkStatus();
  });
}

}  // namespace

void TransactTogether(Database& database, absl::Time deadline, absl::Span<Companion> all) {
  std::vector<Ready> ready = RunAll(all);
  absl::Span<Ready> left = absl::MakeSpan(ready);
  while (!left.empty()) {
    const auto alike = static_cast<size_t>(
        std::find_if(left.begin(), left.end(),
                     [&left](const Ready& one) { return one.text != left[0].text; }) -
        left.begin());
    size_t size = kMostInCompany;
    while (size > alike) size /= 2;
    const absl::Span<Ready> round = left.first(size);
    const absl::Status sent = Send(database, deadline, round);
    for (const Ready& one : round) one.companion->status = sent;
    left.remove_prefix(size);
  }
}

}  // namespace chanyan::db
