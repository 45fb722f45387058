// 10,000 rows through an import as people send them (REG-10): as an operation that somebody
// watches, first with rows that are wrong, then tried only, then for good, then once more. For each
// import of a service one case; ImportsOf says which there are, so that a new one is missed.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/auth/policy_check.h"
#include "common/operation/operation_service.h"
#include "common/operation/runner.h"
#include "common/sheet/table.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "tests/support/service_test.h"
#include "tests/support/test_database.h"

namespace chanyan::testing {

inline constexpr int kManyRows = 10'000;
// A caller who waits would have been given up on by then; ours takes seconds.
inline constexpr absl::Duration kLongestImport = absl::Seconds(60);

// Names of all imports of a package: "ImportIntents".
inline std::vector<std::string> ImportsOf(absl::string_view package) {
  std::vector<std::string> imports;
  for (const google::protobuf::FileDescriptor* file : auth::LinkedFiles()) {
    if (file->package() != package) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string& name = file->service(s)->method(m)->name();
        if (absl::StartsWith(name, "Import")) imports.push_back(name);
      }
    }
  }
  return imports;
}

// What is sent, by whom, and where it comes to stand.
struct ManyRows {
  options::v1::Role role = options::v1::ROLE_SECRETARIAT;
  std::string organization = "organizations/secretariat";
  // Of the request, in text format, besides the file: "parent: 'projects/-'".
  std::string request;
  // What the rows become.
  std::string table;
  // A column that must be filled in, where none says so of itself.
  std::string needed;
  std::vector<std::unique_ptr<google::protobuf::Message>> rows;

  template <class Row>
  void Add(const Row& row) {
    rows.push_back(std::make_unique<Row>(row));
  }
};

// Imports of one service as operations, and what was seen of them.
class ImportsAtScale {
 public:
  ImportsAtScale(TestDatabase& database, const FakeClock& clock, std::string service,
                 const char* work_service, absl::Span<const operation::KindRow> rows,
                 const std::vector<operation::Handlers>& handlers)
      : store_{database.db(), clock, nullptr}, work_service_(work_service) {
    auto kinds = operation::KindsOf(work_service, rows, handlers);
    EXPECT_TRUE(kinds.ok()) << kinds.status();
    if (kinds.ok()) kinds_ = *std::move(kinds);
    operations_ =
        std::make_unique<operation::OperationService>(store_, std::move(service), kinds_, nullptr);
    runner_ = std::make_unique<operation::Runner>(
        operation::Runner::Deps{store_, log::Logger("test", log::Level::kError), metrics_}, kinds_,
        operation::Runner::Options{.pause = absl::ZeroDuration()});
  }

  // Everything that is asked of an import.
  void Prove(const std::string& import, ManyRows many) {
    ASSERT_EQ(many.rows.size(), static_cast<size_t>(kManyRows));
    const int64_t before = Count(many.table);
    const int64_t entries = Entries();
    RefusesWrongRows(import, many);
    EXPECT_EQ(Figures(Done(import, many, FileOf(many), /*dry_run=*/true, /*writes=*/false)).created,
              kManyRows);
    EXPECT_EQ(Count(many.table), before) << "it was only tried";
    EXPECT_EQ(Entries(), entries);
    const std::string file = FileOf(many);
    EXPECT_EQ(Figures(Done(import, many, file, false, /*writes=*/true)).created, kManyRows);
    EXPECT_EQ(Count(many.table), before + kManyRows);
    EXPECT_GT(Entries(), entries);
    const int64_t then = Entries();
    EXPECT_EQ(Figures(Done(import, many, file, false, /*writes=*/false)).unchanged, kManyRows);
    EXPECT_EQ(Count(many.table), before + kManyRows);
    EXPECT_EQ(Entries(), then) << "the same file again";
  }

 private:
  struct Result {
    int created = 0;
    int unchanged = 0;
  };

  static std::string FileOf(const ManyRows& many) {
    std::vector<const google::protobuf::Message*> rows;
    for (const auto& row : many.rows) rows.push_back(row.get());
    return SheetOf(rows[0]->GetDescriptor(), rows);
  }
  // The first column that must be filled in.
  static const google::protobuf::FieldDescriptor* Needed(const google::protobuf::Message& row) {
    for (const sheet::TableColumn& column : sheet::TableColumns(row.GetDescriptor())) {
      const auto& options = column.field->options();
      for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
        if (options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) {
          return column.field;
        }
      }
    }
    return nullptr;
  }

  void RefusesWrongRows(const std::string& import, ManyRows& many) {
    const auto* needed = many.needed.empty()
                             ? Needed(*many.rows[0])
                             : many.rows[0]->GetDescriptor()->FindFieldByName(many.needed);
    ASSERT_NE(needed, nullptr) << "no column of these rows must be filled in";
    // The header is row 1.
    const std::map<size_t, std::string> wrong = {
        {0, "2"}, {kManyRows / 2, "5002"}, {kManyRows - 1, "10001"}};
    std::map<size_t, std::unique_ptr<google::protobuf::Message>> right;
    for (const auto& [row, number] : wrong) {
      right[row].reset(many.rows[row]->New());
      right[row]->CopyFrom(*many.rows[row]);
      many.rows[row]->GetReflection()->ClearField(many.rows[row].get(), needed);
    }
    const int64_t before = Count(many.table);
    const auto ended = Run(import, many, FileOf(many), /*dry_run=*/false, /*writes=*/false);
    EXPECT_EQ(ended.state(), operation::v1::OPERATION_STATE_FAILED);
    EXPECT_EQ(ended.error().reason(), "INVALID_FILE") << ended.error().message();
    std::vector<std::string> places;
    for (const auto& violation : ended.error().violations()) {
      places.push_back(violation.field());
      // In Chinese.
      EXPECT_TRUE(absl::c_any_of(violation.description(), [](char c) { return c < 0; }))
          << violation.description();
    }
    // What is missing may be missed more than once, but in no other row.
    for (const auto& [row, number] : wrong) {
      EXPECT_THAT(places, ::testing::Contains(
                              ::testing::MatchesRegex(absl::StrCat(".* / 表 / [A-Z]+", number))));
    }
    EXPECT_THAT(places, ::testing::Each(::testing::MatchesRegex(".* / 表 / [A-Z]+(2|5002|10001)")));
    EXPECT_EQ(Count(many.table), before) << "all or nothing";
    for (auto& [row, good] : right) many.rows[row] = std::move(good);
  }

  operation::v1::Operation Done(const std::string& import, const ManyRows& many,
                                const std::string& file, bool dry_run, bool writes) {
    operation::v1::Operation ended = Run(import, many, file, dry_run, writes);
    EXPECT_EQ(ended.state(), operation::v1::OPERATION_STATE_DONE)
        << ended.error().message()
        << (ended.error().violations().empty()
                ? ""
                : absl::StrCat("\n", ended.error().violations(0).field(), " ",
                               ended.error().violations(0).description()));
    EXPECT_EQ(ended.percent(), 100);
    return ended;
  }

  // Begins it, does it under the eyes of one who asks again and again, and looks at its end.
  operation::v1::Operation Run(const std::string& import, const ManyRows& many,
                               const std::string& file, bool dry_run, bool writes) {
    const std::string name = Begun(import, many, file, dry_run);
    std::atomic<bool> ended = false;
    std::map<int, int> totals;
    int percent = 0;
    std::thread watcher([&] {
      while (!ended) {
        const operation::v1::Operation now = Look(name);
        // How far one was that failed is not told.
        if (now.state() == operation::v1::OPERATION_STATE_FAILED) break;
        totals[now.stage()] = std::max(totals[now.stage()], now.stage_total());
        EXPECT_GE(now.percent(), percent) << "it goes back";
        percent = now.percent();
        absl::SleepFor(absl::Milliseconds(4));
      }
    });
    const absl::Time start = absl::Now();
    EXPECT_EQ(runner_->RunWaiting(), 1);
    const absl::Duration took = absl::Now() - start;
    ended = true;
    watcher.join();
    operation::v1::Operation done = Look(name);
    std::cout << import << (dry_run ? ", tried: " : ": ")
              << absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1))) << " "
              << done.result() << "\n";
    EXPECT_LT(took, kLongestImport);
    EXPECT_GE(totals[operation::v1::OPERATION_STAGE_READING], kManyRows) << "of reading";
    if (writes) {
      EXPECT_GE(totals[operation::v1::OPERATION_STAGE_WRITING], kManyRows) << "of writing";
    }
    return done;
  }

  std::string Begun(const std::string& import, const ManyRows& many, const std::string& file,
                    bool dry_run) {
    for (const rpc::UnaryMethod& method : operations_->BeginMethods()) {
      if (method.name != absl::StrCat("Begin", import)) continue;
      const operation::Kind& kind = *absl::c_find_if(
          kinds_, [&](const operation::Kind& one) { return one.method->name() == import; });
      std::unique_ptr<google::protobuf::Message> request(
          google::protobuf::MessageFactory::generated_factory()
              ->GetPrototype(kind.method->input_type())
              ->New());
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(many.request, request.get()));
      const auto* reflection = request->GetReflection();
      const auto* descriptor = request->GetDescriptor();
      google::api::HttpBody body;
      body.set_data(file);
      reflection->MutableMessage(request.get(), descriptor->FindFieldByName("file"))
          ->CopyFrom(body);
      reflection->SetString(request.get(), descriptor->FindFieldByName("file_name"), "表.xlsx");
      reflection->SetBool(request.get(), descriptor->FindFieldByName("validate_only"), dry_run);
      reflection->SetString(request.get(), descriptor->FindFieldByName("request_id"),
                            api::NewUuid());
      grpc::ByteBuffer bytes;
      const absl::Status begun = method.answer(
          CallAs(many.role, many.organization, absl::StrCat(work_service_, ".Begin", import)),
          *request, &bytes);
      EXPECT_TRUE(begun.ok()) << begun;
      operation::v1::Operation operation;
      EXPECT_TRUE(rpc::Parse(&bytes, &operation).ok());
      return operation.name();
    }
    ADD_FAILURE() << import << " is no operation";
    return "";
  }

  operation::v1::Operation Look(const std::string& name) {
    operation::v1::GetOperationRequest get;
    get.set_name(name);
    const auto operation =
        operations_->GetOperation(CallAs(options::v1::ROLE_SECRETARIAT, "organizations/secretariat",
                                         "chanyan.operation.v1.OperationService.GetOperation"),
                                  get);
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.ok() ? *operation : operation::v1::Operation();
  }

  // What the import answered.
  static Result Figures(const operation::v1::Operation& operation) {
    google::protobuf::Struct answer;
    Result result;
    if (!google::protobuf::util::JsonStringToMessage(operation.result(), &answer).ok()) {
      return result;
    }
    const auto number = [&](const char* field) {
      const auto found = answer.fields().find(field);
      return found == answer.fields().end() ? 0 : static_cast<int>(found->second.number_value());
    };
    result.created = number("created");
    result.unchanged = number("unchanged");
    // A roster answers with what it is now, whatever it was before.
    if (const int entries = number("entryCount"); entries > 0) result = {entries, entries};
    return result;
  }

  int64_t Count(const std::string& table) {
    return std::stoll(Texts(store_.db, absl::StrCat("SELECT COUNT(*) FROM ", table)).at(0));
  }
  // Of the journal, but for those of operations.
  int64_t Entries() { return Count("journal WHERE type NOT LIKE '%Operation'"); }

  const rpc::StoreDeps store_;
  const std::string work_service_;
  metrics::Registry metrics_;
  std::vector<operation::Kind> kinds_;
  std::unique_ptr<operation::OperationService> operations_;
  std::unique_ptr<operation::Runner> runner_;
};

}  // namespace chanyan::testing
