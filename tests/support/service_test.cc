#include "tests/support/service_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/api/names.h"
#include "common/db/table.h"
#include "common/sheet/table.h"
#include "common/status/status.h"

namespace chanyan::testing {

std::vector<std::string> ComponentsOf(absl::string_view service) {
  return {"common:common/db/migrations", "journal:common/journal/migrations",
          absl::StrCat(service, ":services/", service, "/migrations")};
}

rpc::Call CallAs(options::v1::Role role, absl::string_view organization, absl::string_view method) {
  rpc::Call call;
  if (role != options::v1::ROLE_PUBLIC) {
    call.principal.account = "accounts/test";
    call.principal.organization = std::string(organization);
    call.principal.roles = {role};
  }
  call.method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
  EXPECT_NE(call.method, nullptr) << method;
  call.request_id = api::NewUuid();
  return call;
}

std::unique_ptr<const policy::Pack> ShippedPack(const std::string& city) {
  auto pack = policy::Pack::LoadCity(absl::StrCat(CHANYAN_SOURCE_DIR, "/deploy/policies"), city);
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

std::unique_ptr<const policy::Pack> PackOf(const std::string& text) {
  std::vector<policy::PackFile> files = {{"pack.textproto", text}};
  const std::filesystem::path calendars =
      std::filesystem::path(CHANYAN_SOURCE_DIR) / "deploy/policies/calendar";
  for (const auto& file : std::filesystem::directory_iterator(calendars)) {
    std::ifstream in(file.path());
    files.push_back(
        {file.path().filename().string(), std::string(std::istreambuf_iterator<char>(in), {})});
  }
  auto pack = policy::Pack::Parse(files);
  EXPECT_TRUE(pack.ok()) << pack.status();
  return pack.ok() ? *std::move(pack) : nullptr;
}

std::string SourceText(absl::string_view path) {
  std::ifstream in(absl::StrCat(CHANYAN_SOURCE_DIR, "/", path));
  EXPECT_TRUE(in.good()) << path;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::string CreditCode(int number) {
  std::string code = absl::StrCat("91370211", absl::StrFormat("%08d", number));
  constexpr int kBodyWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (int i = 0; i < 8; ++i) sum += (code[8 + i] - '0') * kBodyWeights[i];
  const int check = 11 - sum % 11;
  code += check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
  constexpr absl::string_view kDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  int weight = 1;
  int total = 0;
  for (const char c : code) {
    total += static_cast<int>(kDigits.find(c)) * weight;
    weight = weight * 3 % 31;
  }
  return absl::StrCat(code, std::string(1, kDigits[(31 - total % 31) % 31]));
}

std::string SheetOf(const google::protobuf::Descriptor* descriptor,
                    const std::vector<const google::protobuf::Message*>& rows) {
  sheet::Writer writer({.created = FakeClock().Now(), .title = "测试"});
  sheet::TableWriter table(writer, "表", descriptor);
  for (const google::protobuf::Message* row : rows) table.Add(*row);
  table.Finish();
  absl::StatusOr<std::string> bytes = std::move(writer).Finish();
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *std::move(bytes) : "";
}

std::vector<std::string> Texts(db::Database& db, absl::string_view sql) {
  std::vector<std::string> out;
  const absl::Status status = db.Read([&](db::Session& session) -> absl::Status {
    out.clear();
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows rows, session.Query(sql));
    for (const db::Values& row : rows.rows) {
      const db::Value& value = row.at(0);
      if (const auto* number = std::get_if<int64_t>(&value)) {
        out.push_back(absl::StrCat(*number));
      } else {
        out.push_back(std::get<std::string>(value));
      }
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

std::vector<std::string> TableDifferences(db::Database& db,
                                          const google::protobuf::Descriptor* resource) {
  std::vector<std::string> differences;
  const absl::Status status = db.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(differences, db::TableCore(resource).CheckTable(session));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return differences;
}

}  // namespace chanyan::testing
