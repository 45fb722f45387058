// A session that changes nothing: what is given one cannot write, whatever it calls.
#pragma once

#include "absl/strings/str_cat.h"
#include "common/db/database.h"
#include "common/status/status.h"

namespace chanyan::cycle {

class ReadOnlySession final : public db::Session {
 public:
  // `session` must outlive this.
  explicit ReadOnlySession(db::Session& session) : session_(session) {}

  absl::StatusOr<db::Rows> Query(absl::string_view sql, const db::Values& params = {}) override {
    return session_.Query(sql, params);
  }
  // INTERNAL; the statement is not run.
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const db::Values&) override {
    return status::Internal(absl::StrCat("a simulation does not write: ", sql));
  }

 private:
  db::Session& session_;
};

}  // namespace chanyan::cycle
