// A university's platforms fill in their parts at random: some are handed in and taken, some sent
// back once, some taken back; and what comes home is sent on to some.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/time/timestamp.h"
#include "services/cycle/ids.h"
#include "services/cycle/part_service.h"
#include "tests/service/cycle/world.h"
#include "tests/support/service_test.h"

namespace chanyan::cycle {

class RandomParts {
 public:
  using Chance = std::function<bool(int percent)>;
  RandomParts(CycleDeps deps, Chance chance) : parts_(deps), chance_(std::move(chance)) {}

  // All platforms get their parts, due at `due`; nothing is filled in yet.
  void HandOut(const std::string& university, const std::string& form, absl::Time due) {
    v1::IssuePartsRequest issue;
    issue.set_parent(form);
    *issue.mutable_due_time() = time::ToTimestamp(due);
    const auto issued = Surely<v1::IssuePartsResponse>(
        &PartService::IssueParts, Call(options::v1::ROLE_RESEARCH_OFFICE, university, "IssueParts"),
        issue);
    ASSERT_TRUE(issued.ok()) << issued.status();
  }

  // Of the sheet that the university is going to fill in: the parts of some platforms, by their
  // names, are filled in by them before.
  void FillIn(const std::string& university, const std::string& form,
              const std::vector<v1::Row>& sheet,
              const std::map<std::string, std::string>& platforms) {
    v1::IssuePartsRequest issue;
    issue.set_parent(form);
    ASSERT_TRUE(Surely<v1::IssuePartsResponse>(
                    &PartService::IssueParts,
                    Call(options::v1::ROLE_RESEARCH_OFFICE, university, "IssueParts"), issue)
                    .ok());
    for (const auto& [title, name] : platforms) {
      std::vector<v1::Row> rows;
      for (const v1::Row& row : sheet) {
        if (row.platform_title() == title) rows.push_back(row);
      }
      const std::string part = PartName(form, name);
      if (StateOf(university, part) == v1::PART_STATE_ACCEPTED) continue;
      if (chance_(20)) {
        Do<v1::ReclaimPartRequest>(&PartService::ReclaimPart, university, part, "ReclaimPart",
                                   [](auto& request) { request.set_reason("学校代填"); });
        continue;
      }
      v1::ImportPartRequest fill;
      fill.set_name(part);
      fill.mutable_file()->set_data(World::Sheet(rows));
      const auto filled = Surely<v1::ImportFormResponse>(
          &PartService::ImportPart,
          Call(options::v1::ROLE_PLATFORM_MANAGER, university, "ImportPart"), fill);
      ASSERT_TRUE(filled.ok()) << filled.status();
      HandIn(university, part);
      if (chance_(30)) {
        Do<v1::ReturnPartRequest>(&PartService::ReturnPart, university, part, "ReturnPart",
                                  [](auto& request) { request.add_reasons("请补充"); });
        HandIn(university, part);
      }
      Do<v1::AcceptPartRequest>(&PartService::AcceptPart, university, part, "AcceptPart");
    }
  }

  // Some receive it, of others it stays on its way.
  void SendOn(const std::string& university, const std::string& form,
              const std::map<std::string, std::string>& platforms) {
    v1::DeliverToPlatformsRequest deliver;
    deliver.set_parent(form);
    const auto sent = Surely<v1::DeliverToPlatformsResponse>(
        &PartService::DeliverToPlatforms,
        Call(options::v1::ROLE_RESEARCH_OFFICE, university, "DeliverToPlatforms"), deliver);
    // A form that was never handed in has nothing to send on.
    if (!sent.ok()) return;
    for (const auto& [title, name] : platforms) {
      if (!chance_(50)) continue;
      v1::ReceivePartRequest receive;
      receive.set_name(PartName(form, name));
      (void)Surely<v1::PlatformPart>(
          &PartService::ReceivePart,
          Call(options::v1::ROLE_PLATFORM_MANAGER, university, "ReceivePart"), receive);
    }
  }

 private:
  static rpc::Call Call(options::v1::Role role, const std::string& own, const char* method) {
    return testing::CallAs(role, own, absl::StrCat("chanyan.cycle.v1.PartService.", method));
  }
  // One request until it is answered, whatever becomes of its COMMITs.
  template <class Reply, class Request>
  absl::StatusOr<Reply> Surely(absl::StatusOr<Reply> (PartService::*handler)(const rpc::Call&,
                                                                             const Request&),
                               const rpc::Call& call, Request request) {
    request.set_request_id(World::Uuid());
    absl::StatusOr<Reply> reply = absl::UnavailableError("not yet");
    for (int i = 0;
         i < 20 && (absl::IsUnavailable(reply.status()) || absl::IsAborted(reply.status())); ++i) {
      reply = (parts_.*handler)(call, request);
    }
    return reply;
  }
  template <class Request>
  void Do(absl::StatusOr<v1::PlatformPart> (PartService::*handler)(const rpc::Call&,
                                                                   const Request&),
          const std::string& university, const std::string& part, const char* method,
          const std::function<void(Request&)>& more = nullptr) {
    Request request;
    request.set_name(part);
    if (more != nullptr) more(request);
    const auto done = Surely<v1::PlatformPart>(
        handler, Call(options::v1::ROLE_RESEARCH_OFFICE, university, method), request);
    ASSERT_TRUE(done.ok()) << method << ": " << done.status();
  }
  void HandIn(const std::string& university, const std::string& part) {
    v1::SubmitPartRequest submit;
    submit.set_name(part);
    const auto submitted = Surely<v1::PlatformPart>(
        &PartService::SubmitPart,
        Call(options::v1::ROLE_PLATFORM_MANAGER, university, "SubmitPart"), submit);
    ASSERT_TRUE(submitted.ok()) << submitted.status();
  }
  v1::PartState StateOf(const std::string& university, const std::string& part) {
    v1::GetPartRequest get;
    get.set_name(part);
    const auto found =
        parts_.GetPart(Call(options::v1::ROLE_RESEARCH_OFFICE, university, "GetPart"), get);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->state() : v1::PART_STATE_UNSPECIFIED;
  }

  PartService parts_;
  const Chance chance_;
};

}  // namespace chanyan::cycle
