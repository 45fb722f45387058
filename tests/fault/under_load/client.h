// One client of a drill: closed loop, half of the calls read, the rest write what people write in
// the registry, in pairing and in triage, each with a request id.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/fault/under_load/courses.h"
#include "tests/fault/under_load/ledger.h"
#include "tests/fault/under_load/scene.h"

namespace chanyan::fault {

// Used by one thread.
class Client {
 public:
  // The same seed makes the same choices; all clients are given one.
  Client(const Scene& scene, Ledger& ledger, int number, uint64_t seed);

  // One act: a read, or a change; a change may be preceded by reads, and a result goes several
  // steps.
  void Step();

 private:
  // A resource of this client's own, as last acknowledged.
  struct Known {
    std::string name;
    std::string etag;
  };
  // An enterprise of its own, of which nothing is in doubt; its project, if it has one.
  struct Company {
    std::string name;
    std::string project;
  };
  static bool HasNoProject(const Company& company) { return company.project.empty(); }
  // A record on its way along its course, and how far it has come.
  struct Walk {
    Known record;
    // What was last made beside it.
    std::string made;
    // From 0, of this course.
    int number = 0;
    size_t steps = 0;
    absl::Time not_before = absl::InfinitePast();
    // Text and number of its first act.
    std::string first_text;
    int first_number = 0;
    // What the next act waits for: a field of this that is filled in; none if null.
    std::string awaited;
    const char* until = nullptr;
  };
  // A result on its way from its university to another first contact.
  struct Journey {
    std::string result;
    // What the next step is taken on.
    Known next;
    size_t steps = 0;
  };
  // Numbers of enterprises' codes.
  static constexpr int kCodesPerClient = 100'000;
  int Pick(size_t count) { return static_cast<int>(random_() % count); }
  testing::Api& ApiOf(Actor actor) { return apis_[static_cast<size_t>(actor)]; }
  std::string Text() { return absl::StrCat("演示", number_, "-", ++serial_); }
  // Something for a field that it was not before, as JSON.
  std::string NewValue(const std::string& field);

  testing::HttpReply Get(Actor actor, const std::string& target);
  // Sends, and writes down what came of it. The answer is empty unless it was OK; `last_` says how
  // it was. One who insists sends it again for a while until it is known.
  testing::Json Send(Change change, bool insists = false);

  void Read(int dice);
  // Nobody else changes it: what was acknowledged is what is read.
  void Check(Actor actor, const Known& known);
  void CreateOrganization();
  void CreateProject();
  void Update(std::vector<Known>* mine, const std::string& service, Actor actor,
              const std::string& field);
  void UpdateShared();
  // One enterprise, with its project, becomes part of another that has none.
  void Merge();
  // A time that others want as well.
  void Book();
  // Moves a booking, or gives it back.
  void Rebook();
  // Takes the revision of the platform that all revise one step on.
  void Revise();
  // client_courses.cc
  // Begins a record of the kind whose turn it is, or takes the oldest some acts on.
  void Go();
  // The next act; false if that was the last of it.
  bool Take(const Course& course, Walk* walk);
  Change ChangeOf(const Course& course, const Act& act, const Walk& walk, const Words& words);
  // Whether the act may be taken; if it waits for something, that is looked at.
  bool IsDue(Actor actor, Walk* walk);

  // client_triage.cc
  // Begins a result, or takes it on.
  void Triage();
  Change NextOf(const Journey& journey);
  // What the step after this one is taken on; false if it cannot be seen now.
  bool GoOn(const testing::Json& reply, Journey* journey);

  const Scene& scene_;
  Ledger& ledger_;
  const int number_;
  std::mt19937_64 random_;
  std::vector<testing::Api> apis_;
  int serial_ = 0;
  Outcome last_ = Outcome::kUnknown;
  std::vector<Known> organizations_;
  std::vector<Known> projects_;
  std::vector<Known> bookings_;
  std::vector<Company> companies_;
  // Courses one after the other, each client from a place of its own; long ones come more often.
  std::vector<const Course*> rota_;
  size_t turn_ = 0;
  // By course.
  std::map<const Course*, std::deque<Walk>> walks_;
  std::map<const Course*, int> begun_;
  std::deque<Journey> journeys_;
};

}  // namespace chanyan::fault
