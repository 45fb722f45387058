// Handlers of packages (step 3): one archive an enterprise, made by its unit.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/api/names.h"
#include "common/db/in_chunks.h"
#include "common/rpc/long_work.h"
#include "common/rpc/resource.h"
#include "common/time/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/cycle/actions.h"
#include "services/cycle/cycle_rules.h"
#include "services/cycle/cycle_service.h"
#include "services/cycle/ids.h"
#include "services/cycle/output_queries.h"
#include "services/cycle/package_archive.h"
#include "services/cycle/package_versions.h"
#include "services/cycle/return_rules.h"
#include "services/cycle/succession.h"
#include "services/cycle/telling.h"

namespace chanyan::cycle {
namespace {

using google::protobuf::util::MessageDifferencer;

// Enterprises packed in one transaction: some 600 rows and 3 MB of archives, asked for at once.
constexpr size_t kEnterprisesPerTransaction = db::kStatementChunks[0];

// What the enterprises of a chunk gave back: held by the unit now, or handed in before.
constexpr absl::string_view kPackedRows =
    "cycle = ? AND ((holder = ? AND in_transit = '') OR "
    "EXISTS (SELECT 1 FROM handover_row in_row JOIN handover handed ON handed.name = "
    "in_row.handover WHERE in_row.form_row = form_row.name AND handed.receiver = ? "
    "AND handed.step = ? AND handed.state <> 'REFUSED'))";
constexpr absl::string_view kEnterprisesHeld =
    "SELECT COUNT(DISTINCT enterprise) FROM form_row WHERE cycle = ? AND holder = ? "
    "AND in_transit = ''";

std::string PackageName(absl::string_view cycle, absl::string_view enterprise) {
  return absl::StrCat(cycle, "/packages/", api::IdOfName(enterprise));
}

// Who packs, for whom, when, and why once more.
struct Packing {
  const v1::Cycle& cycle;
  const std::string& unit;
  const std::string& account;
  const std::string& reason;
  absl::Time now;
  absl::Time deadline;
};

// Packs one chunk of a unit's enterprises in the change's transaction.
class Packer {
 public:
  struct Deps {
    const db::Table<v1::Form>& forms;
    const db::Table<v1::Row>& rows;
    const db::Table<v1::Package>& packages;
    const db::Table<v1::PackageVersion>& versions;
    const Custody& custody;
  };

  Packer(const Deps& deps, const Packing& packing)
      : deps_(deps),
        packing_(packing),
        cycle_(packing.cycle),
        unit_(packing.unit),
        now_(packing.now) {}

  // Nothing packed: nothing is left.
  absl::StatusOr<v1::SubmitPackagesResponse> Pack(rpc::Change& change) {
    v1::SubmitPackagesResponse done;
    CHANYAN_ASSIGN_OR_RETURN(Custody::Groups held,
                             deps_.custody.HeldBy(change.session(), cycle_.name(), unit_,
                                                  "enterprise", CameBack(cycle_)));
    if (held.empty()) return done;
    if (held.size() > kEnterprisesPerTransaction) {
      held.erase(std::next(held.begin(), kEnterprisesPerTransaction), held.end());
    }
    CHANYAN_RETURN_IF_ERROR(Load(change.session(), held));
    for (const auto& [enterprise, rows] : by_enterprise_) {
      // The database is not asked meanwhile, and writing sheets is work.
      if (absl::Now() >= packing_.deadline) {
        return status::DeadlineExceeded("打包未能在规定时间内完成，请用同一请求编号重试");
      }
      CHANYAN_RETURN_IF_ERROR(PackOne(enterprise, rows));
    }
    CHANYAN_RETURN_IF_ERROR(Keep(change));

    std::vector<std::string> names;
    for (const auto& [enterprise, its_rows] : held) {
      names.insert(names.end(), its_rows.begin(), its_rows.end());
    }
    CHANYAN_RETURN_IF_ERROR(deps_.custody
                                .Send(change, now_, cycle_.name(), kCollectStep, unit_,
                                      cycle_.secretariat(), names, "", handed_in_)
                                .status());
    done.set_package_count(static_cast<int32_t>(held.size()));
    done.set_version_count(static_cast<int32_t>(new_versions_.size()));
    done.set_row_count(static_cast<int32_t>(names.size()));
    return done;
  }

 private:
  absl::Status Load(db::Session& session, const Custody::Groups& held) {
    std::vector<std::string> enterprises, packages;
    for (const auto& [enterprise, its_rows] : held) {
      enterprises.push_back(enterprise);
      packages.push_back(PackageName(cycle_.name(), enterprise));
    }
    CHANYAN_RETURN_IF_ERROR(LoadRows(session, enterprises));
    for (const v1::Row& row : rows_) by_enterprise_[row.enterprise()].push_back(&row);
    CHANYAN_ASSIGN_OR_RETURN(titles_, LoadUniversityTitles(session, deps_.forms, cycle_.name()));
    CHANYAN_ASSIGN_OR_RETURN(
        returns_, LoadReturns(session, cycle_.name(), enterprises.front(), enterprises.back()));
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Package> stored,
                             deps_.packages.GetAll(session, packages));
    std::vector<std::string> latest;
    for (v1::Package& package : stored) {
      latest.push_back(LatestVersionName(package));
      std::string name = package.name();
      stored_[std::move(name)] = std::move(package);
    }
    CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::PackageVersion> versions,
                             deps_.versions.GetAll(session, latest));
    for (const v1::PackageVersion& version : versions) {
      digests_[version.name()] = version.content_sha256();
    }
    return LoadSuperseded(session, held);
  }

  // Packages of what has become part of one that is packed now: their rows are in its package.
  absl::Status LoadSuperseded(db::Session& session, const Custody::Groups& held) {
    CHANYAN_ASSIGN_OR_RETURN(const CycleSuccession succession,
                             LoadSuccession(session, cycle_.name()));
    std::vector<std::string> names;
    for (const auto& [gone, living] : succession.successors) {
      if (held.contains(living)) names.push_back(PackageName(cycle_.name(), gone));
    }
    if (names.empty()) return absl::OkStatus();
    CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Package> stored,
                             deps_.packages.GetAll(session, names));
    for (v1::Package& before : stored) {
      v1::Package after = before;
      after.set_superseded_by(PackageName(cycle_.name(), succession.Living(before.enterprise())));
      after.clear_return_reasons();
      after.clear_return_time();
      if (after.superseded_by() == before.superseded_by()) continue;
      superseded_before_.push_back(std::move(before));
      superseded_.push_back(std::move(after));
    }
    return absl::OkStatus();
  }

  absl::Status LoadRows(db::Session& session, const std::vector<std::string>& enterprises) {
    const db::Predicate packed =
        db::And({std::string(kPackedRows),
                 {cycle_.name(), unit_, cycle_.secretariat(), int64_t{kCollectStep}}},
                CameBack(cycle_));
    return db::InChunks(enterprises, [&](absl::Span<const std::string> chunk) -> absl::Status {
      const db::Predicate of_chunk{absl::StrCat("enterprise IN ", db::Marks(chunk.size())),
                                   db::Values(chunk.begin(), chunk.end())};
      CHANYAN_ASSIGN_OR_RETURN(std::vector<v1::Row> rows,
                               deps_.rows.Select(session, db::And(of_chunk, packed)));
      for (v1::Row& row : rows) rows_.push_back(std::move(row));
      return absl::OkStatus();
    });
  }

  absl::Status PackOne(const std::string& enterprise, RowSpan rows) {
    // Rows of one that has become part of it have the other's name.
    const auto own = std::find_if(rows.begin(), rows.end(), [](const v1::Row* row) {
      return row->former_enterprise().empty();
    });
    const v1::Row& any = own == rows.end() ? *rows.front() : **own;
    const std::string name = PackageName(cycle_.name(), enterprise);
    const auto stored = stored_.find(name);
    v1::Package package = stored == stored_.end() ? v1::Package() : stored->second;
    PackageHead head = {.cycle = cycle_.name(),
                        .rehearsal = cycle_.rehearsal(),
                        .unit = unit_,
                        .enterprise = enterprise,
                        .enterprise_title = any.enterprise_title(),
                        .unified_social_credit_code = any.unified_social_credit_code(),
                        .packed_at = now_,
                        .revision = package.revision() + 1};
    const std::string digest = PackageDigest(head, rows, titles_);
    const auto latest = digests_.find(LatestVersionName(package));
    // What says the same is what was handed in before.
    if (latest == digests_.end() || latest->second != digest) {
      CHANYAN_RETURN_IF_ERROR(NewVersion(name, head, digest, rows, &package));
    }
    package.clear_return_reasons();
    package.clear_return_time();
    const auto given = returns_.find(enterprise);
    package.set_on_time(given != returns_.end() && given->second.on_time);
    handed_in_.push_back(LatestVersionName(package));
    if (stored == stored_.end()) {
      fresh_.push_back(std::move(package));
    } else if (!MessageDifferencer::Equals(stored->second, package)) {
      renewed_.push_back(std::move(package));
    }
    return absl::OkStatus();
  }

  absl::Status NewVersion(const std::string& name, const PackageHead& head,
                          const std::string& digest, RowSpan rows, v1::Package* package) {
    CHANYAN_ASSIGN_OR_RETURN(PackageArchive archive, PackForms(head, rows, titles_));
    v1::PackageVersion& version = new_versions_.emplace_back();
    version.set_name(absl::StrCat(name, "/versions/", head.revision));
    version.set_enterprise(head.enterprise);
    version.set_enterprise_title(head.enterprise_title);
    version.set_unit(unit_);
    version.set_revision(head.revision);
    *version.mutable_pack_time() = time::ToTimestamp(now_);
    version.set_account(packing_.account);
    version.set_reason(WhyPackedAgain(*package, packing_.reason));
    version.set_form_count(archive.form_count);
    version.set_row_count(archive.row_count);
    version.set_byte_count(static_cast<int64_t>(archive.bytes.size()));
    version.set_sha256(archive.sha256);
    version.set_content_sha256(digest);
    package->set_name(name);
    TakeLatest(version, package);
    files_.emplace_back(version.name(), std::move(archive.bytes));
    return absl::OkStatus();
  }

  // What the unit was told of packages that came back.
  absl::Status SettleReturned(rpc::Change& change) const {
    std::vector<std::string> back;
    for (const v1::Package& package : renewed_) {
      if (stored_.at(package.name()).has_return_time()) back.push_back(package.name());
    }
    for (const v1::Package& package : superseded_before_) {
      if (package.has_return_time()) back.push_back(package.name());
    }
    for (const std::string& name : back) {
      CHANYAN_RETURN_IF_ERROR(Settle(change.session(), change.now(), name));
    }
    return absl::OkStatus();
  }

  absl::Status Keep(rpc::Change& change) {
    CHANYAN_RETURN_IF_ERROR(deps_.packages.InsertAll(change.session(), change.now(), &fresh_));
    std::vector<journal::Alteration> alterations;
    for (const v1::Package& package : fresh_) alterations.push_back({nullptr, &package});
    CHANYAN_RETURN_IF_ERROR(deps_.packages.UpdateAll(change.session(), change.now(), &renewed_));
    for (const v1::Package& package : renewed_) {
      alterations.push_back({&stored_.at(package.name()), &package});
    }
    CHANYAN_RETURN_IF_ERROR(deps_.packages.UpdateAll(change.session(), change.now(), &superseded_));
    for (size_t i = 0; i < superseded_.size(); ++i) {
      alterations.push_back({&superseded_before_[i], &superseded_[i]});
    }
    CHANYAN_RETURN_IF_ERROR(SettleReturned(change));
    CHANYAN_RETURN_IF_ERROR(
        deps_.versions.InsertAll(change.session(), change.now(), &new_versions_));
    CHANYAN_RETURN_IF_ERROR(KeepPackageFiles(change.session(), files_));
    std::vector<journal::Alteration> kept;
    for (const v1::PackageVersion& version : new_versions_) kept.push_back({nullptr, &version});
    CHANYAN_RETURN_IF_ERROR(change.RecordAll("kept", kept));
    return change.RecordAll("packed", alterations);
  }

  const Deps deps_;
  const Packing packing_;
  const v1::Cycle& cycle_;
  const std::string& unit_;
  const absl::Time now_;
  std::vector<v1::Row> rows_;
  std::map<std::string, std::vector<const v1::Row*>> by_enterprise_;
  UniversityTitles titles_;
  std::map<std::string, EnterpriseReturn> returns_;
  std::map<std::string, v1::Package> stored_;
  std::vector<v1::Package> fresh_;
  std::vector<v1::Package> renewed_;
  std::vector<v1::Package> superseded_before_;
  std::vector<v1::Package> superseded_;
  // What the latest versions of the stored ones say, by name of the version.
  std::map<std::string, std::string> digests_;
  std::vector<v1::PackageVersion> new_versions_;
  std::vector<PackageFile> files_;
  // The version of each package that is handed in.
  std::vector<std::string> handed_in_;
};

}  // namespace

absl::Status CycleService::ExpectEnterprises(const rpc::Call& call, const std::string& cycle_name,
                                             const std::string& unit) {
  int64_t held = 0;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle, LoadCycle(session, call, cycle_name));
        const db::Predicate back = CameBack(cycle);
        db::Values params = {cycle.name(), unit};
        params.insert(params.end(), back.params.begin(), back.params.end());
        CHANYAN_ASSIGN_OR_RETURN(
            const db::Rows counted,
            session.Query(absl::StrCat(kEnterprisesHeld, " AND (", back.sql, ")"), params));
        held = std::get<int64_t>(counted.rows.at(0).at(0));
        return absl::OkStatus();
      }));
  rpc::LongWork::OfThisThread().Expect(held);
  return absl::OkStatus();
}

// A transaction for each chunk, each with a request id of its own that follows from the caller's: a
// repeat after a crash finds the chunks that were done and goes on behind them.
absl::StatusOr<v1::SubmitPackagesResponse> CycleService::SubmitPackages(
    const rpc::Call& call, const v1::SubmitPackagesRequest& request) {
  const std::string& unit = call.principal.organization;
  if (unit.empty()) return status::PermissionDenied("您的账号没有所属单位，不能打包报送");
  const auto pack = [&](rpc::Change& change) -> absl::StatusOr<v1::SubmitPackagesResponse> {
    CHANYAN_ASSIGN_OR_RETURN(const v1::Cycle cycle,
                             LoadCycle(change.session(), call, request.name()));
    const absl::Time now = NowIn(cycle, change.now());
    CHANYAN_RETURN_IF_ERROR(RequireWindow(cycle, kCollectStep, 0, now, "打包报送"));
    Packer packer({forms_, rows_, packages_, package_versions_, custody_},
                  {cycle, unit, call.principal.account, request.reason(), now, call.deadline});
    CHANYAN_ASSIGN_OR_RETURN(v1::SubmitPackagesResponse done, packer.Pack(change));
    rpc::LongWork::OfThisThread().Count(done.package_count());
    return done;
  };
  if (rpc::LongWork::Watched()) {
    CHANYAN_RETURN_IF_ERROR(ExpectEnterprises(call, request.name(), unit));
  }
  v1::SubmitPackagesResponse total;
  for (int chunk = 0;; ++chunk) {
    v1::SubmitPackagesRequest part = request;
    if (!request.request_id().empty()) {
      part.set_request_id(
          UuidOf(absl::StrCat(absl::AsciiStrToLower(request.request_id()), "/", chunk)));
    }
    CHANYAN_ASSIGN_OR_RETURN(
        const v1::SubmitPackagesResponse done,
        rpc::Mutate<v1::SubmitPackagesResponse>(deps_.store, call, part, pack));
    if (done.package_count() == 0) return total;
    total.set_package_count(total.package_count() + done.package_count());
    total.set_row_count(total.row_count() + done.row_count());
    total.set_version_count(total.version_count() + done.version_count());
  }
}

absl::StatusOr<std::vector<v1::Package>> CycleService::Present(const rpc::Call& call,
                                                               std::vector<v1::Package> packages) {
  std::map<std::string, v1::Cycle> cycles;
  CHANYAN_RETURN_IF_ERROR(
      deps_.store.db.Read(call.deadline, [&](db::Session& session) -> absl::Status {
        for (v1::Package& package : packages) {
          const std::string name(CycleOfName(package.name()));
          if (!cycles.contains(name)) {
            CHANYAN_ASSIGN_OR_RETURN(cycles[name], cycles_.Get(session, name));
          }
          const v1::Cycle& cycle = cycles[name];
          package = WithActions(call.principal, cycle, NowIn(cycle, deps_.store.clock.Now()),
                                std::move(package));
        }
        return absl::OkStatus();
      }));
  return packages;
}

absl::StatusOr<v1::ListPackagesResponse> CycleService::ListPackages(
    const rpc::Call& call, const v1::ListPackagesRequest& request) {
  CHANYAN_ASSIGN_OR_RETURN(auto page, rpc::FetchPage(deps_.store.db, call, packages_, request,
                                                     absl::StrCat(request.parent(), "/packages"),
                                                     request.filter(), request.order_by()));
  v1::ListPackagesResponse response;
  CHANYAN_ASSIGN_OR_RETURN(const std::vector<v1::Package> packages,
                           Present(call, std::move(page.rows)));
  response.mutable_packages()->Assign(packages.begin(), packages.end());
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace chanyan::cycle
