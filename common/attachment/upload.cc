#include "common/attachment/upload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/digest.h"
#include "common/attachment/file_name.h"
#include "common/attachment/file_type.h"
#include "common/attachment/store.h"
#include "common/status/status.h"
#include "google/protobuf/wrappers.pb.h"

namespace chanyan::attachment {

absl::StatusOr<Upload> CheckUpload(const google::api::HttpBody& file, absl::string_view file_name) {
  Upload upload;
  CHANYAN_ASSIGN_OR_RETURN(upload.file_name, CleanFileName(file_name, "file_name"));
  if (file.data().size() > kMaxFileBytes) {
    return status::InvalidField(
        upload.file_name, absl::StrCat("文件超过 ", kMaxFileBytes >> 20, " MB，请压缩或拆分后上传"),
        options::v1::ERROR_REASON_FILE_TOO_LARGE);
  }
  CHANYAN_ASSIGN_OR_RETURN(const FileType* type, TypeOf(file.data(), upload.file_name));
  CHANYAN_RETURN_IF_ERROR(CheckDeclared(*type, upload.file_name, file.content_type()));
  upload.content_type = std::string(type->content_type);
  upload.sha256 = api::Sha256Hex(file.data());
  return upload;
}

google::api::HttpBody AsDownload(absl::string_view content_type, absl::string_view file_name,
                                 std::string bytes) {
  google::api::HttpBody body;
  body.set_content_type(std::string(content_type));
  body.set_data(std::move(bytes));
  google::protobuf::StringValue name;
  name.set_value(std::string(file_name));
  body.add_extensions()->PackFrom(name);
  return body;
}

}  // namespace chanyan::attachment
