#include "common/search/query.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/search/highlight.h"
#include "common/search/store.h"
#include "common/status/status.h"

namespace chanyan::search {
namespace {

// Lets Xapian rank within a set that was worked out before. Adds no weight.
class WithinSet final : public Xapian::PostingSource {
 public:
  explicit WithinSet(const DocSet& docs) : docs_(docs), count_(docs.Count()) {}

  Xapian::doccount get_termfreq_min() const override { return Size(); }
  Xapian::doccount get_termfreq_est() const override { return Size(); }
  Xapian::doccount get_termfreq_max() const override { return Size(); }
  Xapian::docid get_docid() const override { return at_; }
  bool at_end() const override { return ended_; }
  void init(const Xapian::Database&) override {
    at_ = 0;
    ended_ = false;
  }
  void next(double) override { MoveTo(at_ + 1); }
  void skip_to(Xapian::docid doc, double) override {
    // After a check that failed it stands at no member.
    if (doc > at_ || !docs_.Has(at_)) MoveTo(doc);
  }
  bool check(Xapian::docid doc, double) override {
    at_ = doc;
    return docs_.Has(doc);
  }
  std::string get_description() const override { return "WithinSet"; }

 private:
  Xapian::doccount Size() const { return static_cast<Xapian::doccount>(count_); }
  void MoveTo(Xapian::docid doc) {
    at_ = docs_.NextFrom(doc);
    ended_ = at_ == 0;
  }

  const DocSet& docs_;
  const size_t count_;
  Xapian::docid at_ = 0;
  bool ended_ = false;
};

class Evaluation {
 public:
  Evaluation(const Snapshot& snapshot, const Xapian::Database& reader, const Query& query,
             absl::Time now)
      : snapshot_(snapshot), reader_(reader), query_(query), now_(now) {}

  Matches Run() {
    terms_ = QueryTerms(query_.text);
    DocSet found = Reach();
    Narrow(&found);
    std::vector<DocSet> chosen;
    for (const Filter& filter : query_.filters) chosen.push_back(Chosen(filter));
    Count(found, chosen);
    for (const DocSet& set : chosen) found &= set;
    matches_.total = static_cast<int64_t>(found.Count());
    if (terms_.empty()) {
      Newest(found);
    } else {
      Best(found);
    }
    return std::move(matches_);
  }

 private:
  std::shared_ptr<const DocSet> Docs(const std::string& term) const {
    return snapshot_.Docs(reader_, term);
  }

  DocSet Reach() const {
    DocSet reach(snapshot_.last_doc());
    for (const std::string& label : query_.labels) reach |= *Docs(LabelTerm(label));
    const int64_t now = absl::ToUnixMicros(now_);
    for (const auto& [time, doc] : snapshot_.expiring()) {
      if (time > now) break;
      reach.Remove(doc);
    }
    return reach;
  }

  // To the documents with the words. A text of signs alone has none and finds nothing.
  void Narrow(DocSet* found) {
    if (terms_.empty()) {
      if (!absl::StripAsciiWhitespace(query_.text).empty()) *found = DocSet();
      return;
    }
    std::vector<std::shared_ptr<const DocSet>> sets;
    for (const std::string& term : terms_) sets.push_back(Docs(term));
    DocSet all = *found;
    for (const auto& set : sets) all &= *set;
    matches_.any_word = query_.any_word || (terms_.size() > 1 && all.Empty());
    if (!matches_.any_word) {
      *found = std::move(all);
      return;
    }
    DocSet any;
    for (const auto& set : sets) any |= *set;
    *found &= any;
    if (found->Empty()) matches_.any_word = query_.any_word;
  }

  DocSet Chosen(const Filter& filter) const {
    DocSet chosen;
    for (const std::string& value : filter.values) {
      if (value.size() <= kMaxFacetBytes) chosen |= *Docs(FacetTerm({filter.facet, value}));
    }
    return chosen;
  }

  void Count(const DocSet& found, const std::vector<DocSet>& chosen) {
    for (const std::string& facet : query_.facets) {
      DocSet others = found;
      for (size_t i = 0; i < chosen.size(); ++i) {
        if (query_.filters[i].facet != facet) others &= chosen[i];
      }
      std::vector<FacetCount> counts;
      const std::string prefix = FacetPrefix(facet);
      const auto end = reader_.allterms_end(prefix);
      for (auto at = reader_.allterms_begin(prefix); at != end; ++at) {
        const std::string term = *at;
        const auto count = static_cast<int64_t>(DocSet::CountBoth(others, *Docs(term)));
        if (count > 0) counts.push_back({{facet, term.substr(prefix.size())}, count});
      }
      std::stable_sort(counts.begin(), counts.end(),
                       [](const FacetCount& a, const FacetCount& b) { return a.count > b.count; });
      if (counts.size() > kMaxFacetValues) counts.resize(kMaxFacetValues);
      std::move(counts.begin(), counts.end(), std::back_inserter(matches_.counts));
    }
  }

  void Take(const Xapian::Document& document) {
    Found found{document.get_value(kTypeSlot), document.get_data(), {}};
    const std::string all = FacetPrefix("").substr(0, 1);
    auto at = document.termlist_begin();
    for (at.skip_to(all); at != document.termlist_end() && absl::StartsWith(*at, all); ++at) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(absl::string_view(*at).substr(all.size()), absl::MaxSplits(':', 1));
      found.values.push_back({parts.first, parts.second});
    }
    matches_.found.push_back(std::move(found));
  }

  void Best(const DocSet& found) {
    WithinSet within(found);
    const auto op = matches_.any_word ? Xapian::Query::OP_OR : Xapian::Query::OP_AND;
    Xapian::Enquire enquire(reader_);
    enquire.set_query(Xapian::Query(Xapian::Query::OP_FILTER,
                                    Xapian::Query(op, terms_.begin(), terms_.end()),
                                    Xapian::Query(&within)));
    enquire.set_weighting_scheme(Xapian::BM25Weight());
    enquire.set_sort_by_relevance_then_value(kNameSlot, /*reverse=*/false);
    const Xapian::MSet page = enquire.get_mset(static_cast<Xapian::doccount>(query_.offset),
                                               static_cast<Xapian::doccount>(query_.limit));
    for (auto at = page.begin(); at != page.end(); ++at) Take(at.get_document());
  }

  void Newest(const DocSet& found) {
    std::vector<std::pair<int64_t, Xapian::docid>> docs;
    for (Xapian::docid doc = found.NextFrom(1); doc != 0; doc = found.NextFrom(doc + 1)) {
      docs.emplace_back(-snapshot_.updated(doc), doc);
    }
    const size_t end = std::min(query_.offset + query_.limit, docs.size());
    if (query_.offset >= end) return;
    std::nth_element(docs.begin(), docs.begin() + static_cast<ptrdiff_t>(end - 1), docs.end());
    // Of those changed at the same instant as the page's last one, the names decide: numbers of
    // documents differ between replicas.
    const int64_t last = docs[end - 1].first;
    std::vector<std::pair<std::pair<int64_t, std::string>, Xapian::docid>> named;
    auto name = reader_.valuestream_begin(kNameSlot);
    for (Xapian::docid doc = found.NextFrom(1); doc != 0; doc = found.NextFrom(doc + 1)) {
      if (-snapshot_.updated(doc) > last) continue;
      name.skip_to(doc);
      named.push_back({{-snapshot_.updated(doc), *name}, doc});
    }
    std::partial_sort(named.begin(), named.begin() + static_cast<ptrdiff_t>(end), named.end());
    for (size_t i = query_.offset; i < end; ++i) Take(reader_.get_document(named[i].second));
  }

  const Snapshot& snapshot_;
  const Xapian::Database& reader_;
  const Query& query_;
  const absl::Time now_;
  std::vector<std::string> terms_;
  Matches matches_;
};

}  // namespace

absl::StatusOr<Matches> Evaluate(const Snapshot& snapshot, const Query& query, absl::Time now) {
  CHANYAN_ASSIGN_OR_RETURN(const Xapian::Database reader, snapshot.Reader());
  Matches matches;
  CHANYAN_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    matches = Evaluation(snapshot, reader, query, now).Run();
    return absl::OkStatus();
  }));
  return matches;
}

}  // namespace chanyan::search
