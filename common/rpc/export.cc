#include "common/rpc/export.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/wire.h"

namespace chanyan::rpc {
namespace {

constexpr char kXlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
// What a reply says besides the file.
constexpr size_t kReplyOverheadBytes = 1024;

}  // namespace

absl::StatusOr<google::api::HttpBody> SheetBody(std::string bytes) {
  if (bytes.size() + kReplyOverheadBytes > kMaxMessageBytes) {
    return status::FailedPrecondition(
        options::v1::ERROR_REASON_FILE_TOO_LARGE,
        absl::StrCat("导出的文件超过 ", kMaxMessageBytes >> 20, " MB，请加筛选条件分次导出"));
  }
  google::api::HttpBody body;
  body.set_content_type(kXlsx);
  body.set_data(std::move(bytes));
  return body;
}

}  // namespace chanyan::rpc
