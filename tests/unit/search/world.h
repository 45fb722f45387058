// An index over two journals in memory.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/auth/labels.h"
#include "common/log/log.h"
#include "common/search/index.h"
#include "gtest/gtest.h"
#include "tests/unit/search/memory_journal.h"
#include "tests/unit/search/rows.h"
#include "tests/unit/search/scratch_directory.h"

namespace chanyan::search {

class FixedClock final : public time::Clock {
 public:
  absl::Time Now() const override { return Noon(); }
};

class IndexWorld {
 public:
  explicit IndexWorld(std::vector<Source> rows = Rows()) : sources(MakeSources(std::move(rows))) {}

  absl::StatusOr<std::unique_ptr<Index>> TryOpen() {
    Index::Options options;
    options.dir = absl::StrCat(directory.path(), "/index");
    options.journals = {{"registry", registry.Source()}, {"pairing", pairing.Source()}};
    options.poll = absl::Milliseconds(5);
    return Index::Open({*sources, clock, log::Logger("test", log::Level::kError)},
                       std::move(options));
  }
  std::unique_ptr<Index> Open() {
    auto index = TryOpen();
    EXPECT_TRUE(index.ok()) << index.status();
    return index.ok() ? *std::move(index) : nullptr;
  }
  // Opened and up to date.
  std::unique_ptr<Index> Built() {
    auto index = Open();
    const absl::Status built = index->Rebuild();
    EXPECT_TRUE(built.ok()) << built;
    return index;
  }

  std::vector<std::string> LabelsOf(const auth::Principal& caller) const {
    std::vector<std::string> labels;
    for (const Source& row : sources->rows()) {
      for (std::string& label : auth::CallerLabels(caller, row.type)) {
        labels.push_back(std::move(label));
      }
    }
    return labels;
  }
  Query QueryOf(const std::string& text,
                const auth::Principal& caller = As(options::v1::ROLE_SECRETARIAT)) const {
    Query query;
    query.text = text;
    query.labels = LabelsOf(caller);
    query.facets = sources->facets();
    query.limit = 100;
    return query;
  }
  std::string NameOf(const Found& found) const {
    const auto row = sources->Restore(found.type, found.data);
    return row->GetReflection()->GetString(*row, row->GetDescriptor()->FindFieldByName("name"));
  }
  // Names in order.
  std::vector<std::string> Names(const Index& index, const Query& query,
                                 absl::Time now = Noon()) const {
    const auto matches = index.Search(query, now);
    EXPECT_TRUE(matches.ok()) << matches.status();
    std::vector<std::string> names;
    if (!matches.ok()) return names;
    for (const Found& found : matches->found) names.push_back(NameOf(found));
    return names;
  }
  std::vector<std::string> Names(const Index& index, const std::string& text) const {
    return Names(index, QueryOf(text));
  }

  ScratchDirectory directory;
  FixedClock clock;
  std::unique_ptr<Sources> sources;
  MemoryJournal registry;
  MemoryJournal pairing;
};

}  // namespace chanyan::search
