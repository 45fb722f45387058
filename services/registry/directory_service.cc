#include "services/registry/directory_service.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/api/names.h"
#include "common/api/text.h"
#include "common/db/page_token.h"
#include "common/policy/life.h"
#include "common/rpc/resource.h"
#include "services/registry/organization_rules.h"

namespace chanyan::registry {
namespace {

// Most answers of a lookup.
constexpr int kMaxMatches = 50;
// Organizations whose keys are made in one transaction.
constexpr int kRefreshed = 500;

db::PageBinding BindingOf(const v1::ListDuplicatesRequest& request) {
  return {"duplicates", request.organization(), "", ""};
}

// Why the two look alike, in words that name what is the same.
std::string Explain(const NameKeys& keys, v1::DuplicateReason reason, const v1::Organization& first,
                    const v1::Organization& second) {
  const std::string label = policy::LabelOf(reason);
  switch (reason) {
    case v1::DUPLICATE_REASON_SAME_CODE:
      return absl::StrCat(label, "：统一社会信用代码“", first.unified_social_credit_code(), "”和“",
                          second.unified_social_credit_code(), "”的第 9 至 17 位相同");
    case v1::DUPLICATE_REASON_SAME_NAME:
      return absl::StrCat(label, "：去除全半角、大小写、繁简、括号和空格的差别后，都是“",
                          keys.Name(first.display_name()), "”");
    case v1::DUPLICATE_REASON_SIMILAR_NAME:
      return absl::StrCat(label, "：去除行政区划和组织形式后，都是“",
                          keys.Core(first.display_name()), "”");
    case v1::DUPLICATE_REASON_FORMER_NAME:
      return absl::StrCat(label, "：“", first.display_name(), "”与“", second.display_name(),
                          "”的现名称或曾用名相同");
    default:
      return label;
  }
}

bool MayCall(const rpc::Call& call, const google::protobuf::ServiceDescriptor* service,
             const char* method) {
  const auto* found = service->FindMethodByName(method);
  return found != nullptr && auth::CheckMethod(call.principal, found).ok();
}

}  // namespace

std::vector<rpc::UnaryMethod> DirectoryService::Methods() {
  using S = DirectoryService;
  return {
      rpc::Unary("LookupOrganizations", this, &S::LookupOrganizations),
      rpc::Unary("ListOrganizationEvents", this, &S::ListOrganizationEvents),
      rpc::Unary("ExportOrganizationEvents", this, &S::ExportOrganizationEvents),
      rpc::Unary("ListDuplicates", this, &S::ListDuplicates),
      rpc::Unary("ExportDuplicates", this, &S::ExportDuplicates),
      rpc::Unary("DismissDuplicate", this, &S::DismissDuplicate),
      rpc::Unary("ListDistinctPairs", this, &S::ListDistinctPairs),
      rpc::Unary("ExportDistinctPairs", this, &S::ExportDistinctPairs),
      rpc::Unary("WithdrawDistinctPair", this, &S::WithdrawDistinctPair),
  };
}

absl::Status DirectoryService::AddMatch(db::Session& session, const rpc::Call& call,
                                        v1::OrganizationMatchKind kind,
                                        const v1::Organization& found,
                                        v1::LookupOrganizationsResponse* response) {
  v1::Organization living = found;
  if (found.state() == v1::ORGANIZATION_STATE_MERGED) {
    const auto into = organizations_.Get(session, found.merged_into(),
                                         auth::Readable<v1::Organization>(call.principal));
    if (absl::IsNotFound(into.status())) return absl::OkStatus();
    CHANYAN_RETURN_IF_ERROR(into.status());
    living = *into;
  }
  for (const v1::OrganizationMatch& match : response->matches()) {
    if (match.organization().name() == living.name() && match.found() == found.name()) {
      return absl::OkStatus();
    }
  }
  if (response->matches_size() == kMaxMatches) return absl::OkStatus();
  v1::OrganizationMatch* match = response->add_matches();
  match->set_kind(kind);
  match->set_found(found.name());
  match->set_found_title(found.display_name());
  *match->mutable_organization() = std::move(living);
  return absl::OkStatus();
}

absl::StatusOr<v1::LookupOrganizationsResponse> DirectoryService::LookupOrganizations(
    const rpc::Call& call, const v1::LookupOrganizationsRequest& request) {
  const std::string text(absl::StripAsciiWhitespace(request.text()));
  const db::Predicate scope = auth::Readable<v1::Organization>(call.principal);
  v1::LookupOrganizationsResponse response;
  const auto read = [&](db::Session& session) -> absl::Status {
    response.Clear();
    const auto add = [&](v1::OrganizationMatchKind kind, const db::Predicate& where) {
      const auto rows = organizations_.Select(session, db::And(where, scope));
      CHANYAN_RETURN_IF_ERROR(rows.status());
      for (const v1::Organization& row : *rows) {
        CHANYAN_RETURN_IF_ERROR(AddMatch(session, call, kind, row, &response));
      }
      return absl::OkStatus();
    };
    if (api::ParseName("organizations/{organization}", text)) {
      return add(v1::ORGANIZATION_MATCH_KIND_RESOURCE_NAME, {"name = ?", {text}});
    }
    const std::string code = absl::AsciiStrToUpper(text);
    if (api::CheckFormat(options::v1::FORMAT_USCC, code).empty()) {
      return add(v1::ORGANIZATION_MATCH_KIND_CODE, {"code_key = ?", {code}});
    }
    const std::string key = names_.keys().Name(text);
    if (key.empty()) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(std::vector<KeyHolder> holders,
                             names_.HoldersOf(session, {{kNameKey, key}}));
    std::stable_sort(holders.begin(), holders.end(),
                     [](const KeyHolder& a, const KeyHolder& b) { return a.former < b.former; });
    for (const KeyHolder& holder : holders) {
      CHANYAN_RETURN_IF_ERROR(add(holder.former ? v1::ORGANIZATION_MATCH_KIND_FORMER_NAME
                                                : v1::ORGANIZATION_MATCH_KIND_NAME,
                                  {"name = ?", {holder.organization}}));
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return response;
}

absl::StatusOr<v1::ListOrganizationEventsResponse> DirectoryService::ListOrganizationEvents(
    const rpc::Call& call, const v1::ListOrganizationEventsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(
      auto page, rpc::FetchPage(deps_.store.db, call, events_, request,
                                absl::StrCat(request.parent(), "/events"), request.filter(),
                                "effective_date, create_time"));
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, [&](db::Session& session) {
    return SetTitles(session, absl::MakeSpan(page.rows));
  }));
  v1::ListOrganizationEventsResponse response;
  response.mutable_events()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::DuplicatePair> DirectoryService::PairOf(db::Session& session,
                                                           const rpc::Call& call,
                                                           const Likeness& likeness) {
  const db::Predicate scope = auth::Readable<v1::Organization>(call.principal);
  v1::DuplicatePair pair;
  CHANYAN_ASSIGN_OR_RETURN(*pair.mutable_first(),
                           organizations_.Get(session, likeness.first, scope));
  CHANYAN_ASSIGN_OR_RETURN(*pair.mutable_second(),
                           organizations_.Get(session, likeness.second, scope));
  for (const v1::DuplicateReason reason : ReasonsOf(likeness.reasons)) {
    pair.add_reasons(reason);
    pair.add_explanations(Explain(names_.keys(), reason, pair.first(), pair.second()));
  }
  if (call.method == nullptr) return pair;
  const auto* service = call.method->service();
  const auto* registry =
      service->file()->pool()->FindServiceByName("chanyan.registry.v1.RegistryService");
  const bool possible = MergeViolations(pair.first(), pair.second()).empty() ||
                        MergeViolations(pair.second(), pair.first()).empty();
  if (possible && registry != nullptr && MayCall(call, registry, "MergeOrganization")) {
    pair.add_actions("merge");
  }
  if (MayCall(call, service, "DismissDuplicate")) pair.add_actions("dismiss");
  return pair;
}

absl::StatusOr<v1::ListDuplicatesResponse> DirectoryService::ListDuplicates(
    const rpc::Call& call, const v1::ListDuplicatesRequest& request) {
  if (request.page_size() < 0) return status::InvalidField("page_size", "每页条数不能为负数");
  const int size = request.page_size() == 0 ? db::kDefaultPageSize
                                            : std::min<int>(request.page_size(), db::kMaxPageSize);
  std::string first;
  std::string second;
  if (!request.page_token().empty()) {
    CHANYAN_ASSIGN_OR_RETURN(const db::Values last,
                             db::ReadPageToken(BindingOf(request), request.page_token()));
    if (last.size() != 2 || !std::holds_alternative<std::string>(last[0]) ||
        !std::holds_alternative<std::string>(last[1])) {
      return db::InvalidPageToken();
    }
    first = std::get<std::string>(last[0]);
    second = std::get<std::string>(last[1]);
  }
  const std::string& of = request.organization();
  v1::ListDuplicatesResponse response;
  const auto read = [&](db::Session& session) -> absl::Status {
    response.Clear();
    // One more than asked shows whether there is a next page.
    std::vector<Likeness> found;
    if (of.empty()) {
      CHANYAN_ASSIGN_OR_RETURN(found, names_.LikenessesAfter(session, first, second, size + 1));
    } else {
      CHANYAN_ASSIGN_OR_RETURN(found, names_.LikenessesOf(session, of, second, size + 1));
    }
    const bool more = found.size() > static_cast<size_t>(size);
    if (more) found.pop_back();
    for (const Likeness& likeness : found) {
      const auto pair = PairOf(session, call, likeness);
      if (absl::IsNotFound(pair.status())) continue;
      CHANYAN_RETURN_IF_ERROR(pair.status());
      *response.add_pairs() = *pair;
    }
    if (more) {
      const Likeness& last = found.back();
      // Of one organization the partner is what the list is ordered by.
      const std::string& partner = last.first == of ? last.second : last.first;
      response.set_next_page_token(
          db::MakePageToken(BindingOf(request), {last.first, of.empty() ? last.second : partner}));
    }
    return absl::OkStatus();
  };
  CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read(call.deadline, read));
  return response;
}

absl::StatusOr<v1::DistinctPair> DirectoryService::DismissDuplicate(
    const rpc::Call& call, const v1::DismissDuplicateRequest& request) {
  if (request.first() == request.second()) {
    return status::InvalidField("second", "两个单位是同一个，请核对");
  }
  const std::string first = std::min(request.first(), request.second());
  const std::string second = std::max(request.first(), request.second());
  const std::string name =
      absl::StrCat("distinctPairs/", api::DigestId("d", absl::StrCat(first, "\n", second)));
  const db::Predicate scope = auth::Writable<v1::Organization>(call.principal);
  const auto dismiss = [&](rpc::Change& change) -> absl::StatusOr<v1::DistinctPair> {
    db::Session& session = change.session();
    // Locked by name, so that the two are not merged meanwhile.
    CHANYAN_ASSIGN_OR_RETURN(const v1::Organization a,
                             organizations_.GetForUpdate(session, first, scope));
    CHANYAN_ASSIGN_OR_RETURN(const v1::Organization b,
                             organizations_.GetForUpdate(session, second, scope));
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(a));
    CHANYAN_RETURN_IF_ERROR(RefuseMerged(b));
    CHANYAN_ASSIGN_OR_RETURN(const ReasonBits bits, names_.Compare(session, first, second));
    if (bits == 0) {
      return status::FailedPrecondition(
          options::v1::ERROR_REASON_WRONG_STATE,
          absl::StrCat("“", a.display_name(), "”与“", b.display_name(),
                       "”没有疑似重复的依据，无需认定"));
    }
    const auto stored = distinct_pairs_.GetForUpdate(session, name);
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
    v1::DistinctPair pair = stored.ok() ? *stored : v1::DistinctPair();
    pair.set_name(name);
    pair.set_first(first);
    pair.set_first_title(a.display_name());
    pair.set_second(second);
    pair.set_second_title(b.display_name());
    pair.clear_reasons();
    for (const v1::DuplicateReason reason : ReasonsOf(bits)) pair.add_reasons(reason);
    pair.set_state(v1::DISTINCT_PAIR_STATE_UPHELD);
    pair.set_reason(request.reason());
    pair.clear_withdraw_reason();
    pair.set_account(call.principal.account);
    if (stored.ok()) {
      CHANYAN_RETURN_IF_ERROR(distinct_pairs_.Update(session, change.now(), &pair));
      CHANYAN_RETURN_IF_ERROR(change.Record("dismissed", &*stored, &pair));
    } else {
      CHANYAN_RETURN_IF_ERROR(distinct_pairs_.Insert(session, change.now(), &pair));
      CHANYAN_RETURN_IF_ERROR(change.Record("dismissed", nullptr, &pair));
    }
    return pair;
  };
  return rpc::Mutate<v1::DistinctPair>(deps_.store, call, request, dismiss);
}

absl::StatusOr<v1::ListDistinctPairsResponse> DirectoryService::ListDistinctPairs(
    const rpc::Call& call, const v1::ListDistinctPairsRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, distinct_pairs_, request,
                                                     "", request.filter()));
  v1::ListDistinctPairsResponse response;
  response.mutable_distinct_pairs()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::DistinctPair> DirectoryService::WithdrawDistinctPair(
    const rpc::Call& call, const v1::WithdrawDistinctPairRequest& request) {
  return rpc::Edit<v1::DistinctPair>(
      deps_.store, call, request, distinct_pairs_, request.name(), request.etag(), "withdrawn",
      [&](rpc::Change&, v1::DistinctPair& row) -> absl::Status {
        if (row.state() != v1::DISTINCT_PAIR_STATE_UPHELD) {
          return status::FailedPrecondition(options::v1::ERROR_REASON_WRONG_STATE,
                                            "该认定已撤销，无需再撤");
        }
        row.set_state(v1::DISTINCT_PAIR_STATE_WITHDRAWN);
        row.set_withdraw_reason(request.reason());
        row.set_account(call.principal.account);
        return absl::OkStatus();
      });
}

absl::Status DirectoryService::MakeKeys(absl::Span<const std::string> names) {
  return deps_.store.db.Transact([&](db::Session& session) -> absl::Status {
    std::vector<v1::Organization> rows;
    for (const std::string& name : names) {
      // Locked, so that a change of name meanwhile is not undone.
      CHANYAN_ASSIGN_OR_RETURN(rows.emplace_back(), organizations_.GetForUpdate(session, name));
    }
    std::vector<const v1::Organization*> pointers;
    for (const v1::Organization& row : rows) pointers.push_back(&row);
    return names_.Write(session, pointers, /*fresh=*/false);
  });
}

absl::StatusOr<int> DirectoryService::RefreshKeys() {
  int refreshed = 0;
  absl::Status outcome;
  while (true) {
    const std::vector<std::string> waiting = held_back_.At(deps_.store.clock.Now());
    std::vector<std::string> names;
    CHANYAN_RETURN_IF_ERROR(deps_.store.db.Read([&](db::Session& session) -> absl::Status {
      CHANYAN_ASSIGN_OR_RETURN(
          names, names_.Outdated(session, kRefreshed + static_cast<int>(waiting.size())));
      return absl::OkStatus();
    }));
    std::erase_if(names, [&waiting](const std::string& name) {
      return std::binary_search(waiting.begin(), waiting.end(), name);
    });
    if (names.empty()) break;
    const absl::Status together = MakeKeys(names);
    if (together.ok()) {
      refreshed += static_cast<int>(names.size());
      continue;
    }
    if (IsAboutAll(together)) return together;
    for (const std::string& name : names) {
      const absl::Status alone = MakeKeys(absl::MakeConstSpan(&name, 1));
      if (IsAboutAll(alone)) return alone;
      outcome.Update(alone);
      if (alone.ok()) {
        held_back_.Done(name);
        ++refreshed;
      } else {
        held_back_.Failed(name, deps_.store.clock.Now());
      }
    }
  }
  if (!outcome.ok()) return outcome;
  return refreshed;
}

}  // namespace chanyan::registry
