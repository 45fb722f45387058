// The whole of IDN-2, generated from whatever protos are linked: every RPC × every role, and every
// resource × role × ownership × condition, on real tables. A new proto is in it by being linked.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/auth/labels.h"
#include "common/auth/policy_check.h"
#include "common/auth/scope.h"
#include "common/db/columns.h"
#include "common/db/table.h"
#include "common/status/status.h"
#include "tests/support/test_database.h"

namespace chanyan::auth {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using options::v1::Access;

constexpr char kOwn[] = "organizations/own";
constexpr char kOther[] = "organizations/other";
constexpr Access kAccesses[] = {options::v1::ACCESS_READ, options::v1::ACCESS_WRITE};
// Rows of one resource at most; beyond it, combinations are left out by turns.
constexpr size_t kMaxRows = 1500;

std::vector<Role> CarriedRoles() {
  std::vector<Role> roles;
  for (int role = options::v1::Role_MIN; role <= options::v1::Role_MAX; ++role) {
    if (!options::v1::Role_IsValid(role) || role == options::v1::ROLE_UNSPECIFIED) continue;
    if (role == options::v1::ROLE_PUBLIC || role == options::v1::ROLE_SIGNED_IN) continue;
    roles.push_back(static_cast<Role>(role));
  }
  return roles;
}

// The public, and an account of each role, with and without an organization.
std::vector<Principal> Callers() {
  std::vector<Principal> callers(1);
  for (const Role role : CarriedRoles()) {
    for (const char* organization : {kOwn, ""}) {
      Principal caller;
      caller.account = "accounts/caller";
      caller.organization = organization;
      caller.roles = {role};
      callers.push_back(caller);
      // And one that another organization has become part of.
      caller.predecessors = {kOther};
      callers.push_back(caller);
    }
  }
  return callers;
}

std::string NameOf(const Principal& caller) {
  return caller.roles.empty()
             ? "public"
             : absl::StrCat(options::v1::Role_Name(caller.roles[0]), " of ",
                            caller.organization.empty() ? "nobody" : caller.organization);
}

TEST(AuthorizationMatrixTest, EveryRpcIsForItsRolesAlone) {
  int checked = 0;
  for (const auto* file : LinkedFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto* method = file->service(s)->method(m);
        const auto& policy = method->options().GetExtension(options::v1::method);
        const std::set<int> roles(policy.roles().begin(), policy.roles().end());
        for (const Principal& caller : Callers()) {
          const bool signed_in = !caller.roles.empty();
          const bool permitted = roles.count(options::v1::ROLE_PUBLIC) > 0 ||
                                 (signed_in && roles.count(options::v1::ROLE_SIGNED_IN) > 0) ||
                                 (signed_in && roles.count(caller.roles[0]) > 0);
          const absl::StatusCode expected = permitted   ? absl::StatusCode::kOk
                                            : signed_in ? absl::StatusCode::kPermissionDenied
                                                        : absl::StatusCode::kUnauthenticated;
          EXPECT_EQ(CheckMethod(caller, method).code(), expected)
              << method->full_name() << " by " << NameOf(caller);
          ++checked;
        }
      }
    }
  }
  EXPECT_GT(checked, 400);
}

const options::v1::Resource& ResourceOf(const Descriptor* type) {
  return type->options().GetExtension(options::v1::resource);
}

std::vector<const Descriptor*> StoredResources() {
  std::vector<const Descriptor*> out;
  for (const auto* file : LinkedFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      if (file->message_type(i)->options().HasExtension(options::v1::resource)) {
        out.push_back(file->message_type(i));
      }
    }
  }
  return out;
}

std::string TypeOf(const db::Column& column) {
  switch (column.kind) {
    case db::ColumnKind::kBytes:
      return "BLOB";
    case db::ColumnKind::kBool:
      return "TINYINT";
    case db::ColumnKind::kInt:
      return "BIGINT";
    case db::ColumnKind::kDouble:
      return "DOUBLE";
    case db::ColumnKind::kTime:
      return "DATETIME(6)";
    case db::ColumnKind::kDate:
      return "DATE";
    case db::ColumnKind::kJson:
      return "JSON";
    default:
      return column.name == "name" ? "VARCHAR(255)" : "TEXT";
  }
}

std::string CreateTable(const Descriptor* type) {
  std::string sql = absl::StrCat("CREATE TABLE `", ResourceOf(type).table(), "` (");
  const db::Columns columns(type);
  for (const db::Column& column : columns.all()) {
    absl::StrAppend(&sql, "`", column.name, "` ", TypeOf(column),
                    column.name == "name" ? " PRIMARY KEY, " : " NULL, ");
  }
  return sql + "version BIGINT NOT NULL) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;";
}

// One value of one field, written into a row.
using Setter = std::function<void(Message*)>;

// Words of all conditions, as candidates for text fields.
std::set<std::string> WordsOf(const Descriptor* type) {
  std::set<std::string> words;
  for (const auto& grant : ResourceOf(type).grants()) {
    for (const absl::string_view word :
         absl::StrSplit(grant.where(), absl::ByAnyChar(" ()=!<>:\""), absl::SkipEmpty())) {
      words.insert(std::string(word));
    }
  }
  return words;
}

std::vector<Setter> OwnerValues(const FieldDescriptor* field) {
  std::vector<Setter> out;
  if (field->is_repeated()) {
    out.push_back([](Message*) {});
    out.push_back([field](Message* row) { row->GetReflection()->AddString(row, field, kOther); });
    out.push_back([field](Message* row) {
      row->GetReflection()->AddString(row, field, kOther);
      row->GetReflection()->AddString(row, field, kOwn);
    });
    return out;
  }
  for (const char* value : {"", kOwn, kOther, "organizations/own2", "Organizations/OWN"}) {
    out.push_back(
        [field, value](Message* row) { row->GetReflection()->SetString(row, field, value); });
  }
  return out;
}

std::vector<Setter> ConditionValues(const FieldDescriptor* field,
                                    const std::set<std::string>& words) {
  std::vector<Setter> out = {[](Message*) {}};
  const bool many = field->is_repeated();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    for (int i = 0; i < field->enum_type()->value_count(); ++i) {
      const auto* value = field->enum_type()->value(i);
      out.push_back([field, value, many](Message* row) {
        many ? row->GetReflection()->AddEnum(row, field, value)
             : row->GetReflection()->SetEnum(row, field, value);
      });
    }
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !many) {
    out.push_back([field](Message* row) { row->GetReflection()->SetBool(row, field, true); });
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    for (const std::string& word : words) {
      out.push_back([field, word, many](Message* row) {
        many ? row->GetReflection()->AddString(row, field, word)
             : row->GetReflection()->SetString(row, field, word);
      });
    }
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 && !many) {
    for (int number = 0; number < 6; ++number) {
      out.push_back(
          [field, number](Message* row) { row->GetReflection()->SetInt32(row, field, number); });
    }
  }
  return out;
}

// For each field that a grant looks at, the values that make a difference.
std::vector<std::vector<Setter>> Dimensions(const Descriptor* type) {
  std::set<std::string> owners;
  for (const auto& grant : ResourceOf(type).grants()) {
    if (!grant.owner().empty()) owners.insert(grant.owner());
  }
  const std::set<std::string> words = WordsOf(type);
  std::vector<std::vector<Setter>> out;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    // The name of a row is its key and is dealt with apart.
    if (field->name() == "name") continue;
    if (owners.count(field->name()) > 0) {
      out.push_back(OwnerValues(field));
    } else if (words.count(field->name()) > 0) {
      out.push_back(ConditionValues(field, words));
    }
  }
  return out;
}

std::unique_ptr<Message> NewRow(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void SetName(Message* row, const std::string& name) {
  row->GetReflection()->SetString(row, row->GetDescriptor()->FindFieldByName("name"), name);
}

// Every combination, thinned out by a fixed stride if there are too many.
std::vector<std::unique_ptr<Message>> Rows(const Descriptor* type) {
  const auto dimensions = Dimensions(type);
  size_t all = 1;
  for (const auto& values : dimensions) all *= values.size();
  // A stride that shares no small factor with the sizes meets every value of every field.
  const size_t stride = all <= kMaxRows ? 1 : (all / kMaxRows) | 1;
  std::vector<std::unique_ptr<Message>> rows;
  for (size_t index = 0; index < all; index += stride) {
    auto row = NewRow(type);
    size_t rest = index;
    for (const auto& values : dimensions) {
      values[rest % values.size()](row.get());
      rest /= values.size();
    }
    const size_t number = rows.size();
    // Where the row's own name is the owner, one row is the caller's.
    SetName(row.get(), number == 0 ? kOwn : absl::StrCat("organizations/row", number));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::set<std::string> NamesBySql(db::Database& db, const Descriptor* type,
                                 const db::Predicate& scope) {
  std::set<std::string> names;
  const std::string sql =
      absl::StrCat("SELECT name FROM `", ResourceOf(type).table(), "` WHERE ", scope.sql);
  const absl::Status status = db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows found, session.Query(sql, scope.params));
    for (const db::Values& row : found.rows) names.insert(std::get<std::string>(row[0]));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << sql << ": " << status;
  return names;
}

bool MayBe(const Principal& caller, const options::v1::RowGrant& grant, Access access) {
  if (access == options::v1::ACCESS_WRITE && grant.access() != access) return false;
  return std::any_of(grant.roles().begin(), grant.roles().end(), [&](int role) {
    return role == options::v1::ROLE_PUBLIC ||
           std::find(caller.roles.begin(), caller.roles.end(), role) != caller.roles.end();
  });
}

void ExpectNoGrantNoRow(const Principal& caller, const Descriptor* type, Access access,
                        const std::set<std::string>& seen) {
  const auto& grants = ResourceOf(type).grants();
  const bool granted = std::any_of(grants.begin(), grants.end(), [&](const auto& grant) {
    return MayBe(caller, grant, access) && (grant.owner().empty() || !caller.organization.empty());
  });
  // What no grant gives is not there; what one gives without conditions is all there.
  EXPECT_TRUE(granted || seen.empty()) << type->full_name() << " by " << NameOf(caller);
  const bool everything = std::any_of(grants.begin(), grants.end(), [&](const auto& grant) {
    return MayBe(caller, grant, access) && grant.owner().empty() && grant.where().empty();
  });
  EXPECT_TRUE(!everything || !seen.empty()) << type->full_name() << " by " << NameOf(caller);
}

// The same decision as an index makes it.
bool ShareALabel(const Principal& caller, const Message& row) {
  const std::vector<std::string> of_row = RowLabels(row);
  const std::vector<std::string> of_caller = CallerLabels(caller, row.GetDescriptor());
  return std::any_of(of_row.begin(), of_row.end(), [&](const std::string& label) {
    return std::count(of_caller.begin(), of_caller.end(), label) > 0;
  });
}

class RowMatrixTest : public ::testing::TestWithParam<const Descriptor*> {};

TEST_P(RowMatrixTest, SqlReachesTheRowsThatTheGrantsName) {
  const Descriptor* type = GetParam();
  chanyan::testing::TestDatabase database;
  database.Apply(CreateTable(type));
  const db::TableCore table(type);
  const auto rows = Rows(type);
  std::vector<Message*> pointers;
  for (const auto& row : rows) pointers.push_back(row.get());
  const absl::Status inserted = database.db().Transact([&](db::Session& session) {
    return table.Insert(session, absl::FromUnixSeconds(1'750'000'000), pointers);
  });
  ASSERT_TRUE(inserted.ok()) << inserted;
  for (const Principal& caller : Callers()) {
    for (const Access access : kAccesses) {
      std::set<std::string> expected;
      for (const auto& row : rows) {
        if (access == options::v1::ACCESS_READ) {
          EXPECT_EQ(ShareALabel(caller, *row), Reaches(caller, *row, access))
              << type->full_name() << " by " << NameOf(caller);
        }
        if (!Reaches(caller, *row, access)) continue;
        const auto* name = type->FindFieldByName("name");
        expected.insert(row->GetReflection()->GetString(*row, name));
      }
      const std::set<std::string> seen =
          NamesBySql(database.db(), type, RowScope(caller, type, access));
      EXPECT_EQ(seen, expected) << type->full_name() << " by " << NameOf(caller);
      ExpectNoGrantNoRow(caller, type, access, seen);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Linked, RowMatrixTest, ::testing::ValuesIn(StoredResources()),
                         [](const ::testing::TestParamInfo<const Descriptor*>& info) {
                           std::string name = info.param->full_name();
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace chanyan::auth
