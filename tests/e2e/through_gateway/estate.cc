#include "tests/e2e/through_gateway/estate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chanyan/options/v1/options.pb.h"
#include "common/auth/scope.h"
#include "common/db/database.h"
#include "common/db/table.h"
#include "tests/e2e/through_gateway/rpc_call.h"

namespace chanyan::e2e {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Combinations of what a grant's condition may ask for.
constexpr size_t kMostCandidates = 4000;

std::unique_ptr<Message> NewOf(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void SetText(Message* row, const FieldDescriptor* field, const std::string& value) {
  field->is_repeated() ? row->GetReflection()->AddString(row, field, value)
                       : row->GetReflection()->SetString(row, field, value);
}

// Fields that conditions name, beside the owners'.
std::vector<const FieldDescriptor*> Asked(const Descriptor* type,
                                          const std::set<std::string>& owners) {
  std::set<std::string> words;
  for (const auto& grant : type->options().GetExtension(options::v1::resource).grants()) {
    for (const absl::string_view word :
         absl::StrSplit(grant.where(), absl::ByAnyChar(" ()=!<>:\""), absl::SkipEmpty())) {
      words.insert(std::string(word));
    }
  }
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const std::string& name = type->field(i)->name();
    if (words.count(name) > 0 && owners.count(name) == 0 && name != "name") {
      fields.push_back(type->field(i));
    }
  }
  return fields;
}

// Values of one such field, the unset one among them.
size_t Choices(const FieldDescriptor* field) {
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return field->enum_type()->value_count();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return 2;
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? 4 : 1;
}

void Choose(Message* row, const FieldDescriptor* field, size_t choice) {
  const auto* reflection = row->GetReflection();
  if (choice == 0) return;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = field->enum_type()->value(static_cast<int>(choice));
    field->is_repeated() ? reflection->AddEnum(row, field, value)
                         : reflection->SetEnum(row, field, value);
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    reflection->SetBool(row, field, true);
  } else if (!field->is_repeated()) {
    reflection->SetInt32(row, field, static_cast<int32_t>(choice));
  }
}

// How many are kept out of the row for being somebody else.
int KeptOut(const Message& row, auth::Role role) {
  int kept = 0;
  for (const auto access : {options::v1::ACCESS_READ, options::v1::ACCESS_WRITE}) {
    kept += auth::Reaches(Of(role, kOwner), row, access) &&
            !auth::Reaches(Of(role, kForeigner), row, access);
  }
  return kept;
}

// How many may read the row and not change it.
int Readers(const Message& row, auth::Role role) {
  int readers = 0;
  for (const char* organization : {kOwner, kForeigner}) {
    readers += auth::Reaches(Of(role, organization), row, options::v1::ACCESS_READ) &&
               !auth::Reaches(Of(role, organization), row, options::v1::ACCESS_WRITE);
  }
  return readers;
}

int Worth(const Message& row, Choice choice) {
  int worth = 0;
  for (int number = options::v1::Role_MIN; number <= options::v1::Role_MAX; ++number) {
    if (!options::v1::Role_IsValid(number)) continue;
    const auto role = static_cast<auth::Role>(number);
    worth += choice == Choice::kReachedByOwners ? KeptOut(row, role) : Readers(row, role);
  }
  return worth;
}

std::unique_ptr<Message> BestRow(const Descriptor* type, Choice choice) {
  std::set<std::string> owners;
  for (const auto& grant : type->options().GetExtension(options::v1::resource).grants()) {
    if (!grant.owner().empty()) owners.insert(grant.owner());
  }
  const auto asked = Asked(type, owners);
  size_t all = 1;
  for (const FieldDescriptor* field : asked) all *= Choices(field);
  const size_t stride = all <= kMostCandidates ? 1 : (all / kMostCandidates) | 1;
  std::unique_ptr<Message> best;
  int most = -1;
  for (size_t index = 0; index < all; index += stride) {
    auto row = NewOf(type);
    FillMessages(row.get());
    for (const std::string& owner : owners) {
      SetText(row.get(), type->FindFieldByName(owner), kOwner);
    }
    row->GetReflection()->SetString(row.get(), type->FindFieldByName("name"),
                                    NameOf(StarsOf(type)));
    size_t rest = index;
    for (const FieldDescriptor* field : asked) {
      Choose(row.get(), field, rest % Choices(field));
      rest /= Choices(field);
    }
    const int worth = Worth(*row, choice);
    if (worth > most) {
      most = worth;
      best = std::move(row);
    }
  }
  return best;
}

// Other rows seen in another way: nothing is written there.
bool IsView(const Descriptor* type) { return type->name() == "UnpairedEnterprise"; }

// "registry" of chanyan.registry.v1.Platform. Operations are kept by each service that has any:
// that of the names which rpc_call.cc gives them.
std::string ServiceOf(const Descriptor* type) {
  const std::vector<std::string> parts = absl::StrSplit(type->full_name(), '.');
  return parts.at(1) == "operation" ? "registry" : parts.at(1);
}

}  // namespace

auth::Principal Of(auth::Role role, const std::string& organization) {
  auth::Principal somebody;
  somebody.account = "apiClients/somebody";
  somebody.organization = organization;
  somebody.roles = {role};
  return somebody;
}

Estate::Estate(const testing::Suite& suite, Choice choice, const Which& which) {
  std::map<std::string, std::unique_ptr<db::Database>> databases;
  for (const Descriptor* type : StoredTypes()) {
    const std::string service = ServiceOf(type);
    const auto& services = suite.services();
    if (std::find(services.begin(), services.end(), service) == services.end()) continue;
    auto& database = databases[service];
    if (database == nullptr) database = db::Database::Open(suite.DatabaseOf(service)).value();
    if (IsView(type) || (which && !which(type))) continue;
    auto row = BestRow(type, choice);
    const db::TableCore table(type);
    Message* const one = row.get();
    const absl::Status written = database->Transact([&](db::Session& session) {
      return table.Insert(session, absl::Now(), absl::MakeConstSpan(&one, 1));
    });
    EXPECT_TRUE(written.ok()) << type->full_name() << ": " << written;
    if (written.ok()) rows_[type] = std::move(row);
  }
}

const Message* Estate::RowOf(const Descriptor* type) const {
  const auto found = rows_.find(type);
  return found == rows_.end() ? nullptr : found->second.get();
}

const Descriptor* Estate::TypeOf(const std::string& stars) const {
  for (const auto& [type, row] : rows_) {
    if (StarsOf(type) == stars) return type;
  }
  return nullptr;
}

}  // namespace chanyan::e2e
