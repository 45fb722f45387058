#include "common/sheet/zip_writer.h"

#include <utility>

#include <zlib.h>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace chanyan::sheet {
namespace {

// Past these, zip needs its 64-bit twin records, which nothing of ours comes near.
constexpr uint64_t kMaxArchiveBytes = 0xFFFFFFFF;
constexpr size_t kMaxArchiveEntries = 0xFFFF;
// 1980-01-01 00:00, the zero of zip's calendar.
constexpr uint16_t kDosTime = 0;
constexpr uint16_t kDosDate = (1 << 5) | 1;
constexpr uint16_t kVersion = 20;
// Bit 11: names are UTF-8.
constexpr uint16_t kFlags = 1 << 11;
constexpr uint16_t kMethodStore = 0;
constexpr uint16_t kMethodDeflate = 8;
// A third of the time of zlib's default for some 15% more bytes.
constexpr int kDeflateLevel = 3;
constexpr int kDeflateMemory = 8;

void Put16(std::string& out, uint16_t value) {
  out.push_back(static_cast<char>(value & 0xFF));
  out.push_back(static_cast<char>(value >> 8));
}

void Put32(std::string& out, uint32_t value) {
  Put16(out, static_cast<uint16_t>(value & 0xFFFF));
  Put16(out, static_cast<uint16_t>(value >> 16));
}

}  // namespace

struct ZipWriter::Impl {
  Impl() {
    // Negative window: raw deflate, as zip wants it.
    stream_ready = deflateInit2(&stream, kDeflateLevel, Z_DEFLATED, -MAX_WBITS, kDeflateMemory,
                                Z_DEFAULT_STRATEGY) == Z_OK;
    if (!stream_ready) {
      failure = "zlib could not start";
    }
  }
  ~Impl() {
    if (stream_ready) {
      deflateEnd(&stream);
    }
  }

  // Packs straight behind the local header; the sizes in it are filled in afterwards.
  void Deflate(absl::string_view bytes) {
    const size_t start = archive.size();
    const size_t bound = deflateBound(&stream, bytes.size());
    archive.resize(start + bound);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(archive.data() + start);
    stream.avail_out = static_cast<uInt>(bound);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
      failure = "zlib could not pack an entry";
    }
    archive.resize(start + bound - stream.avail_out);
    deflateReset(&stream);
  }

  std::string archive;
  std::string directory;
  size_t entries = 0;
  absl::flat_hash_set<std::string> names;
  z_stream stream = {};
  bool stream_ready = false;
  // Empty = none; the first one is reported by Finish.
  std::string failure;
};

ZipWriter::ZipWriter() : impl_(std::make_unique<Impl>()) {}
ZipWriter::~ZipWriter() = default;
ZipWriter::ZipWriter(ZipWriter&&) noexcept = default;
ZipWriter& ZipWriter::operator=(ZipWriter&&) noexcept = default;

void ZipWriter::Add(absl::string_view name, absl::string_view bytes, Packing packing) {
  Impl& zip = *impl_;
  if (!zip.names.emplace(name).second) {
    zip.failure = absl::StrCat("zip entry added twice: ", name);
  }
  if (name.size() > 0xFFFF || zip.entries >= kMaxArchiveEntries ||
      zip.archive.size() + bytes.size() > kMaxArchiveBytes) {
    zip.failure = "zip archive outgrew the format";
  }
  if (!zip.failure.empty()) {
    return;
  }
  const size_t header = zip.archive.size();
  const uint32_t crc = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  const bool deflated = packing == Packing::kDeflate;
  // The part that local header and directory share, but for the packed size in its middle.
  std::string before, after;
  Put16(before, kVersion);
  Put16(before, kFlags);
  Put16(before, deflated ? kMethodDeflate : kMethodStore);
  Put16(before, kDosTime);
  Put16(before, kDosDate);
  Put32(before, crc);
  Put32(after, static_cast<uint32_t>(bytes.size()));
  Put16(after, static_cast<uint16_t>(name.size()));
  Put16(after, 0);

  zip.archive.append("PK\3\4", 4);
  zip.archive.append(before);
  const size_t size_at = zip.archive.size();
  Put32(zip.archive, 0);
  absl::StrAppend(&zip.archive, after, name);
  const size_t data = zip.archive.size();
  if (deflated) {
    zip.Deflate(bytes);
  } else {
    zip.archive.append(bytes.data(), bytes.size());
  }
  std::string packed_size;
  Put32(packed_size, static_cast<uint32_t>(zip.archive.size() - data));
  zip.archive.replace(size_at, packed_size.size(), packed_size);

  zip.directory.append("PK\1\2", 4);
  Put16(zip.directory, kVersion);
  absl::StrAppend(&zip.directory, before, packed_size, after);
  Put16(zip.directory, 0);
  Put16(zip.directory, 0);
  Put16(zip.directory, 0);
  Put32(zip.directory, 0);
  Put32(zip.directory, static_cast<uint32_t>(header));
  absl::StrAppend(&zip.directory, name);
  ++zip.entries;
}

absl::StatusOr<std::string> ZipWriter::Finish() && {
  Impl& zip = *impl_;
  const size_t start = zip.archive.size();
  if (zip.failure.empty() && start + zip.directory.size() > kMaxArchiveBytes) {
    zip.failure = "zip archive outgrew the format";
  }
  if (!zip.failure.empty()) {
    return status::Internal(zip.failure);
  }
  zip.archive.append(zip.directory);
  zip.archive.append("PK\5\6", 4);
  Put32(zip.archive, 0);
  Put16(zip.archive, static_cast<uint16_t>(zip.entries));
  Put16(zip.archive, static_cast<uint16_t>(zip.entries));
  Put32(zip.archive, static_cast<uint32_t>(zip.directory.size()));
  Put32(zip.archive, static_cast<uint32_t>(start));
  Put16(zip.archive, 0);
  return std::move(zip.archive);
}

}  // namespace chanyan::sheet
