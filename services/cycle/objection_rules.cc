#include "services/cycle/objection_rules.h"

#include "absl/strings/str_cat.h"
#include "common/time/civil.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"

namespace chanyan::cycle {
namespace {

v1::WindowState StateOf(bool newer, bool open, const v1::ObjectionWindow& window) {
  if (newer) return v1::WINDOW_STATE_SUPERSEDED;
  if (open) return v1::WINDOW_STATE_OPEN;
  if (window.open_count() > 0) return v1::WINDOW_STATE_DECIDING;
  return window.upheld_count() > 0 ? v1::WINDOW_STATE_CORRECTING : v1::WINDOW_STATE_FINAL;
}

}  // namespace

absl::StatusOr<policy::Term> ObjectionTermOf(const policy::Pack& pack,
                                             const v1::Leaderboard& version) {
  return pack.calendar().TermAfter(time::DayOf(time::ToTime(version.publish_time())),
                                   static_cast<int>(pack.proto().objection_term().workdays()));
}

absl::StatusOr<v1::ObjectionWindow> WindowOf(const policy::Pack& pack,
                                             const v1::Leaderboard& version, bool newer,
                                             const ObjectionCounts& counts, absl::Time now) {
  if (!pack.proto().has_objection_term()) {
    return status::WrongState("现行政策包没有规定榜单异议期，不受理异议");
  }
  if (version.state() != v1::LEADERBOARD_STATE_PUBLISHED) {
    return status::WrongState("榜单尚未发布，没有异议期");
  }
  // What was promised at its publication; one of before that was kept has no other than today's.
  policy::Term term{.last_day = {},
                    .deadline = time::ToTime(version.objection_deadline()),
                    .derivation = version.objection_derivation()};
  if (!version.has_objection_deadline()) {
    CHANYAN_ASSIGN_OR_RETURN(term, ObjectionTermOf(pack, version));
  }
  v1::ObjectionWindow window;
  window.set_name(version.name());
  *window.mutable_deadline() = time::ToTimestamp(term.deadline);
  window.set_derivation(term.derivation);
  *window.mutable_as_of() = time::ToTimestamp(now);
  window.set_objection_count(counts.open + counts.upheld + counts.rejected);
  window.set_open_count(counts.open);
  window.set_upheld_count(counts.upheld);
  window.set_state(StateOf(newer, !time::IsPastDeadline(now, term.deadline), window));
  return window;
}

absl::Status RequireOpen(const v1::ObjectionWindow& window) {
  switch (window.state()) {
    case v1::WINDOW_STATE_OPEN:
      return absl::OkStatus();
    case v1::WINDOW_STATE_SUPERSEDED:
      return status::WrongState("该榜单已有更正后的新版本，请对新版本提出异议");
    default: {
      const absl::Time end = time::ToTime(window.deadline());
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WINDOW_CLOSED,
          absl::StrCat("异议期已于", time::FormatDateZh(time::DayOf(end)),
                       absl::FormatTime("%H:%M:%S", end, time::Shanghai()), "截止（",
                       window.derivation(), "）"));
    }
  }
}

absl::StatusOr<std::string> DisputedTitle(const v1::Leaderboard& version,
                                          const v1::Objection& objection) {
  for (const v1::Board& board : version.boards()) {
    if (board.id() != objection.board()) continue;
    if (objection.subject().empty()) return board.title();
    for (const v1::LeaderboardEntry& entry : board.entries()) {
      if (entry.subject() == objection.subject()) return entry.title();
    }
    return status::InvalidField(
        "objection.subject",
        absl::StrCat("“", board.title(), "”中没有这个对象；认为应当列入的，请不填对象"));
  }
  return status::InvalidField("objection.board", "该榜单版本中没有这张榜");
}

}  // namespace chanyan::cycle
