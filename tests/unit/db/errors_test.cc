#include "common/db/errors.h"

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace chanyan::db {
namespace {

TEST(ErrorsTest, EveryNumberHasItsStatus) {
  const struct {
    int code;
    ErrorKind kind;
    absl::StatusCode status;
  } kCases[] = {
      {1213, ErrorKind::kConflict, absl::StatusCode::kAborted},
      {1020, ErrorKind::kConflict, absl::StatusCode::kAborted},
      {1205, ErrorKind::kConflict, absl::StatusCode::kAborted},
      {2006, ErrorKind::kLost, absl::StatusCode::kUnavailable},
      {2013, ErrorKind::kLost, absl::StatusCode::kUnavailable},
      {1047, ErrorKind::kLost, absl::StatusCode::kUnavailable},
      {1969, ErrorKind::kTimeout, absl::StatusCode::kDeadlineExceeded},
      {1021, ErrorKind::kFull, absl::StatusCode::kUnavailable},
      {1026, ErrorKind::kFull, absl::StatusCode::kUnavailable},
      {1114, ErrorKind::kFull, absl::StatusCode::kUnavailable},
      {1062, ErrorKind::kDuplicate, absl::StatusCode::kAlreadyExists},
      {1451, ErrorKind::kConstraint, absl::StatusCode::kFailedPrecondition},
      {1452, ErrorKind::kConstraint, absl::StatusCode::kFailedPrecondition},
      {4025, ErrorKind::kConstraint, absl::StatusCode::kFailedPrecondition},
      {3819, ErrorKind::kConstraint, absl::StatusCode::kFailedPrecondition},
      {1366, ErrorKind::kBadValue, absl::StatusCode::kInvalidArgument},
      {1406, ErrorKind::kBadValue, absl::StatusCode::kInvalidArgument},
      {1054, ErrorKind::kBug, absl::StatusCode::kInternal},
      {1064, ErrorKind::kBug, absl::StatusCode::kInternal},
      {1146, ErrorKind::kBug, absl::StatusCode::kInternal},
      {2014, ErrorKind::kBug, absl::StatusCode::kInternal},
      {2057, ErrorKind::kBug, absl::StatusCode::kInternal},
      {9999, ErrorKind::kBug, absl::StatusCode::kInternal},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(KindOf({c.code, ""}), c.kind) << c.code;
    EXPECT_EQ(ToStatus({c.code, "x"}).code(), c.status) << c.code;
    EXPECT_NE(status::ReasonOf(ToStatus({c.code, "x"})), options::v1::ERROR_REASON_UNSPECIFIED);
  }
}

TEST(ErrorsTest, AtCommitOnlyAConflictIsDefinite) {
  for (const int code : {1213, 1020, 1205}) {
    EXPECT_EQ(KindOfCommit({code, ""}), ErrorKind::kConflict) << code;
  }
  for (const int code : {2006, 2013, 1180, 1317, 1927, 1053, 1047, 1969, 1114, 1062, 1064, 9999}) {
    EXPECT_EQ(KindOfCommit({code, ""}), ErrorKind::kLost) << code;
  }
}

TEST(ErrorsTest, OnlyInternalHoldsTheServersWords) {
  for (const int code : {1213, 2006, 1969, 1114, 1062, 1452, 1366}) {
    EXPECT_EQ(ToStatus({code, "secret"}).message().find("secret"), absl::string_view::npos) << code;
  }
  EXPECT_NE(ToStatus({1064, "near x"}).message().find("near x"), absl::string_view::npos);
}

TEST(ErrorsTest, ADuplicateNamesItsKey) {
  EXPECT_EQ(DuplicateKey(ToStatus({1062, "Duplicate entry 'a'b' for key 'uk_code'"})), "uk_code");
  EXPECT_EQ(DuplicateKey(ToStatus({1213, "x"})), "");
  EXPECT_EQ(DuplicateKey(absl::OkStatus()), "");
}

TEST(ErrorsTest, ABadValueNamesItsColumn) {
  const struct {
    const char* message;
    const char* column;
  } kCases[] = {
      {"Data too long for column 'title' at row 1", "title"},
      {"Incorrect string value: '\\xFF' for column `s`.`t`.`title` at row 1", "title"},
      {"no column at all", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(status::ViolationsOf(ToStatus({1406, c.message})).at(0).field, c.column);
  }
}

}  // namespace
}  // namespace chanyan::db
