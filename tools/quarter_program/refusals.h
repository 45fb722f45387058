// Files that were refused: what is wrong with each and where, and who therefore counts as not
// reported. Kept in a file, so that the next run knows whose files to take once they are mended.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace chanyan::quarter {

// One thing wrong with a file; sheet and cell are empty where it is the file as a whole.
struct Fault {
  std::string sheet;
  std::string cell;
  std::string reason;
};

struct Refusal {
  // Path below the input directory; of a file that was tried on purpose its name in broken/.
  std::string file;
  // Never empty.
  std::vector<Fault> faults;
  // Last segment of the university's or enterprise's name that counts as not reported; empty for a
  // list of the secretariat and for a file that was tried on purpose.
  std::string unreported;
  // Of a file that was tried on purpose, and of no other: what is wrong with it, as the plan says.
  std::string wrong;
};

// Whether it is the file that is wrong: what is in it, or that it is not there.
bool IsAboutFile(const absl::Status& error);
// What an error that is about `file` says, place by place.
std::vector<Fault> FaultsOf(const absl::Status& error, absl::string_view file);
// "季度报表 C3：…；季度报表 C4：…", in one line.
std::string FaultsInWords(const Refusal& refusal);

// Thread-safe.
class Refusals {
 public:
  // `path`: columns file, sheet, cell, reason, wrong and unreported, a line for each fault.
  explicit Refusals(std::string path) : path_(std::move(path)) {}

  // What an earlier run kept, if there is any.
  void Recall();

  const std::string& path() const { return path_; }
  // Files that were tried on purpose, in the order of the plan.
  std::vector<Refusal> Tried() const;
  // The others, by path: what universities and enterprises sent, and lists.
  std::vector<Refusal> Unreported() const;
  // Whether a file of this university or enterprise is refused.
  bool HasOf(absl::string_view organization) const;
  // Whether this one is, other than on purpose.
  bool Has(absl::string_view file) const;
  // Lists among them.
  int Lists() const;
  bool HasTried(absl::string_view file) const;

  // Both keep what there is then.
  absl::Status SetTried(std::vector<Refusal> tried);
  // All that is wrong with the files of one university or enterprise, in place of what was known;
  // nothing, once they have come in.
  absl::Status Replace(const std::string& organization, std::vector<Refusal> refused);
  // The same of one list.
  absl::Status ReplaceList(const std::string& file, std::vector<Refusal> refused);

 private:
  absl::Status Keep() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(std::vector<Refusal> refused) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  mutable absl::Mutex mutex_;
  std::vector<Refusal> tried_ ABSL_GUARDED_BY(mutex_);
  // By path.
  std::map<std::string, Refusal, std::less<>> unreported_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chanyan::quarter
