#include "services/gateway/chunked.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace chanyan::gateway {
namespace {

constexpr size_t kMaxSizeDigits = 8;
constexpr size_t kMaxLineBytes = kMaxSizeDigits + kMaxChunkExtensionBytes;

Reject BadChunk(absl::string_view message) {
  return Reject{400, "chunk", std::string(message), "body"};
}

}  // namespace

std::optional<Reject> ChunkedDecoder::TakeLine(absl::string_view& input, bool& complete) {
  complete = false;
  while (!input.empty()) {
    const char c = input[0];
    input.remove_prefix(1);
    if (c == '\n') {
      if (line_.empty() || line_.back() != '\r') return BadChunk("分块请求体必须以 CRLF 换行");
      line_.pop_back();
      complete = true;
      return std::nullopt;
    }
    if (!line_.empty() && line_.back() == '\r')
      return BadChunk("分块请求体含有孤立的回车，必须以 CRLF 换行");
    line_.push_back(c);
    if (line_.size() > kMaxLineBytes + 1)
      return BadChunk("分块扩展过长，最多 64 字节，请去掉分块扩展");
  }
  return std::nullopt;
}

std::optional<Reject> ChunkedDecoder::OnSizeLine(size_t body_bytes) {
  const absl::string_view line = line_;
  const absl::string_view digits = line.substr(0, line.find(';'));
  const bool hex = std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
  if (digits.empty() || digits.size() > kMaxSizeDigits || !hex) {
    return BadChunk("分块大小必须是一至八位十六进制数字");
  }
  if (line.size() - digits.size() > kMaxChunkExtensionBytes) {
    return BadChunk("分块扩展过长，最多 64 字节，请去掉分块扩展");
  }
  for (const char c : line.substr(digits.size())) {
    if (absl::ascii_iscntrl(c)) return BadChunk("分块扩展含有控制字符，请去掉分块扩展");
  }
  uint32_t size = 0;
  if (!absl::SimpleHexAtoi(digits, &size)) return BadChunk("分块大小必须是一至八位十六进制数字");
  if (size > max_body_bytes_ - std::min(max_body_bytes_, body_bytes)) {
    return BodyTooLarge(max_body_bytes_);
  }
  left_ = size;
  line_.clear();
  state_ = size == 0 ? State::kLastLine : State::kData;
  return std::nullopt;
}

std::optional<Reject> ChunkedDecoder::Feed(absl::string_view& input, std::string& body) {
  while (!input.empty() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const size_t take = std::min<uint64_t>(left_, input.size());
      body.append(input.data(), take);
      input.remove_prefix(take);
      left_ -= take;
      if (left_ == 0) state_ = State::kDataEnd;
      continue;
    }
    bool complete = false;
    if (auto bad = TakeLine(input, complete)) return bad;
    if (!complete) return std::nullopt;
    if (state_ == State::kSize) {
      if (auto bad = OnSizeLine(body.size())) return bad;
      continue;
    }
    if (!line_.empty()) {
      return state_ == State::kDataEnd ? BadChunk("分块数据之后缺少换行，必须以 CRLF 结束")
                                       : BadChunk("不接受尾部请求头，请放在请求体之前");
    }
    state_ = state_ == State::kDataEnd ? State::kSize : State::kDone;
  }
  return std::nullopt;
}

}  // namespace chanyan::gateway
