#include "common/journal/verify.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/journal/reader.h"
#include "common/status/status.h"
#include "common/time/timestamp.h"

namespace chanyan::journal {
namespace {

constexpr int kVerifyBatch = 500;
// Sealed once, and without a place now.
constexpr char kDisplaced[] =
    "SELECT 1 FROM journal FORCE INDEX (journal_seq) WHERE seq = 0 AND hash <> '' LIMIT 1";
constexpr char kAnchorHead[] = "chanyan-anchor-1";
constexpr size_t kAnchorFields = 7;

absl::Status BadAnchor(absl::string_view why) {
  return status::InvalidField("anchor", absl::StrCat("锚点无效：", why));
}

// Walks the anchors, ordered by seq, beside the chain.
class AnchorCheck {
 public:
  explicit AnchorCheck(std::vector<Anchor> anchors) : anchors_(std::move(anchors)) {
    std::sort(anchors_.begin(), anchors_.end(),
              [](const Anchor& a, const Anchor& b) { return a.seq < b.seq; });
  }

  std::optional<Break> Pass(int64_t seq, absl::string_view hash) {
    for (; next_ < anchors_.size() && anchors_[next_].seq <= seq; ++next_) {
      const Anchor& anchor = anchors_[next_];
      if (anchor.seq == seq && anchor.hash == hash) continue;
      return Break{anchor.seq, absl::StrCat("第 ", anchor.seq, " 条的哈希与 ", When(anchor),
                                            " 的锚点不符：从某一条起被整段改写过")};
    }
    return std::nullopt;
  }

  std::optional<Break> End(int64_t last_seq) const {
    if (next_ == anchors_.size()) return std::nullopt;
    const Anchor& anchor = anchors_.back();
    return Break{last_seq + 1, absl::StrCat("日志止于第 ", last_seq, " 条，而 ", When(anchor),
                                            " 的锚点见过第 ", anchor.seq, " 条：末尾被截去")};
  }

 private:
  static std::string When(const Anchor& anchor) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", anchor.time, absl::UTCTimeZone());
  }

  std::vector<Anchor> anchors_;
  size_t next_ = 0;
};

}  // namespace

std::optional<Break> ChainCheck::Add(const v1::Entry& entry) {
  const int64_t expected = summary_.last_seq + 1;
  if (entry.seq() > expected) {
    const int64_t last = entry.seq() - 1;
    return Break{expected, last == expected
                               ? absl::StrCat("缺少第 ", expected, " 条")
                               : absl::StrCat("缺少第 ", expected, " 至 ", last, " 条")};
  }
  if (entry.seq() < expected) {
    return Break{entry.seq(), absl::StrCat("出现不应有的序号 ", entry.seq())};
  }
  const std::string hash = ChainHash(summary_.head, entry);
  if (hash != entry.hash()) {
    return Break{expected, absl::StrCat("第 ", expected, " 条（", entry.resource(), "，",
                                        entry.kind(), "）的内容或哈希被改动过")};
  }
  summary_.last_seq = expected;
  summary_.head = hash;
  summary_.earliest = std::min(summary_.earliest, time::ToTime(entry.time()));
  summary_.latest = std::max(summary_.latest, time::ToTime(entry.time()));
  return std::nullopt;
}

absl::StatusOr<std::string> WriteAnchor(const auth::Key& key, const Anchor& anchor) {
  std::string line = absl::StrCat(
      kAnchorHead, " ", anchor.service, " ", anchor.seq, " ", anchor.hash, " ",
      absl::FormatTime(absl::RFC3339_sec, anchor.time, absl::UTCTimeZone()), " ", key.id());
  CHANYAN_ASSIGN_OR_RETURN(const std::string signature, key.Sign(line));
  return absl::StrCat(line, " ", absl::WebSafeBase64Escape(signature));
}

absl::StatusOr<Anchor> ReadAnchor(const auth::Key& key, absl::string_view line) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
  Anchor anchor;
  std::string signature, error;
  if (fields.size() != kAnchorFields || fields[0] != kAnchorHead ||
      !absl::SimpleAtoi(fields[2], &anchor.seq) || anchor.seq < 1 ||
      !absl::ParseTime(absl::RFC3339_sec, fields[4], &anchor.time, &error) ||
      !absl::WebSafeBase64Unescape(fields[6], &signature)) {
    return BadAnchor("格式不符，可能被截断");
  }
  if (fields[5] != key.id()) return BadAnchor("由另一把密钥签名");
  if (!key.Verify(line.substr(0, line.rfind(' ')), signature)) return BadAnchor("签名不符");
  anchor.service = std::string(fields[1]);
  anchor.hash = std::string(fields[3]);
  return anchor;
}

absl::StatusOr<Verification> Verify(db::Database& database, std::vector<Anchor> anchors) {
  Verification result;
  ChainCheck chain;
  AnchorCheck anchored(std::move(anchors));
  int64_t after = 0;
  while (!result.broken.has_value()) {
    std::vector<v1::Entry> entries;
    CHANYAN_RETURN_IF_ERROR(database.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(entries, SealedAfter(session, after, kVerifyBatch));
      CHANYAN_ASSIGN_OR_RETURN(result.unsealed, UnsealedCount(session));
      return absl::OkStatus();
    }));
    if (entries.empty()) {
      result.broken = anchored.End(chain.summary().last_seq);
      break;
    }
    after = entries.back().seq();
    for (size_t i = 0; i < entries.size() && !result.broken.has_value(); ++i) {
      result.broken = chain.Add(entries[i]);
      if (!result.broken.has_value()) {
        result.broken = anchored.Pass(entries[i].seq(), entries[i].hash());
      }
    }
  }
  CHANYAN_RETURN_IF_ERROR(database.Read([&](db::Session& session) -> absl::Status {
    CHANYAN_ASSIGN_OR_RETURN(const db::Rows displaced, session.Query(kDisplaced));
    if (!displaced.rows.empty() && !result.broken.has_value()) {
      result.broken = Break{0, "有条目带有哈希却没有序号：封存之后被移出过"};
    }
    return absl::OkStatus();
  }));
  result.chain = chain.summary();
  return result;
}

}  // namespace chanyan::journal
