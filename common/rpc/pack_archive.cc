#include "common/rpc/pack_archive.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/policy/replay.h"
#include "common/status/status.h"
#include "google/protobuf/text_format.h"

namespace chanyan::rpc {
namespace {

constexpr char kLast[] =
    "SELECT version, sha256 FROM policy_pack WHERE pack = ? ORDER BY number DESC LIMIT 1";
constexpr char kKeep[] =
    "INSERT INTO policy_pack (pack, version, sha256, since, content) VALUES (?, ?, ?, ?, ?)";
// Those until then first, the last of them before the others; after them what came first.
constexpr char kOfDay[] =
    "SELECT content FROM policy_pack WHERE pack = ? AND version = ? "
    "ORDER BY since > ?, IF(since > ?, number, -number) LIMIT 1";

absl::StatusOr<std::string> TextOf(const policy::Pack& pack) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  if (!printer.PrintToString(pack.proto(), &text)) return status::Internal("a pack without text");
  return text;
}

}  // namespace

absl::StatusOr<bool> KeepPack(db::Session& session, absl::Time now, const policy::Pack& pack) {
  CHANYAN_ASSIGN_OR_RETURN(const std::string text, TextOf(pack));
  const std::string sha256 = api::Sha256Hex(text);
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows last, session.Query(kLast, {std::string(pack.id())}));
  if (!last.rows.empty() && std::get<std::string>(last.rows[0][0]) == pack.version() &&
      std::get<std::string>(last.rows[0][1]) == sha256) {
    return false;
  }
  CHANYAN_RETURN_IF_ERROR(
      session
          .Execute(kKeep, {std::string(pack.id()), std::string(pack.version()), sha256, now, text})
          .status());
  return true;
}

absl::StatusOr<std::unique_ptr<const policy::Pack>> PackOfDay(db::Session& session,
                                                              const std::string& pack,
                                                              const std::string& version,
                                                              absl::Time then) {
  CHANYAN_ASSIGN_OR_RETURN(const db::Rows found,
                           session.Query(kOfDay, {pack, version, then, then}));
  if (found.rows.empty()) {
    return status::NotFound(absl::StrCat("政策包“", pack, "”", version, "版"));
  }
  return policy::Pack::Parse(
      {{absl::StrCat(pack, "-", version, ".textproto"), std::get<std::string>(found.rows[0][0])}});
}

absl::StatusOr<policy::v1::Verdicts> ReplayVerdicts(db::Session& session,
                                                    const policy::v1::Verdicts& stored,
                                                    absl::Time then) {
  CHANYAN_ASSIGN_OR_RETURN(const std::unique_ptr<const policy::Pack> pack,
                           PackOfDay(session, stored.pack_id(), stored.pack_version(), then));
  return policy::Replay(*pack, stored);
}

}  // namespace chanyan::rpc
