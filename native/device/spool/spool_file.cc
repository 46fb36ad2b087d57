#include "spool_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>
#include <utility>

#include "../../counts.h"
#include "../../error.h"
#include "checksum.h"

namespace thalweg {
namespace {

constexpr mode_t ownerOnly = 0600;

/// A file without a name; on file systems that have none such, one that loses its name at once.
Descriptor unnamedFile(const std::string& folder) {
#if defined(O_TMPFILE)
  const int number = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, ownerOnly);
  if (number >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return Descriptor(number);
#endif
  std::string path = folder + "/thalweg-spool-XXXXXX";
  Descriptor named(mkostemp(path.data(), O_CLOEXEC));
  if (named) unlink(path.c_str());
  return named;
}

constexpr const char* whereElse =
    "name a folder on a disk with room in THALWEG_SPOOL, or use fewer rows or columns, or dtype "
    "'float32'";

bool isForRoom(int reason) noexcept {
  return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

}  // namespace

std::uint64_t availableBytesIn(const std::string& folder) {
  std::filesystem::path at(folder);
  struct statvfs found {};
  // One that is still to be made is on the file system of the folder that it is made in.
  while (statvfs(at.c_str(), &found) != 0) {
    if (errno != ENOENT || !at.has_relative_path()) return 0;
    at = at.parent_path();
  }
  return std::uint64_t{found.f_bavail} * found.f_frsize;
}

SpoolFile::SpoolFile(std::string folder, std::uint64_t pieceBytes, std::uint64_t pieces)
    : folder_(std::move(folder)), pieceBytes_(pieceBytes), checksums_(pieces) {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (failure) fail("cannot be made", failure.value());
  file_ = unnamedFile(folder_);
  if (!file_) fail("takes no file", errno);
#if defined(O_DIRECT)
  isDirect_ = fcntl(file_.get(), F_SETFL, O_DIRECT) == 0;
#else
  isDirect_ = false;
#endif
  const auto bytes = static_cast<off_t>(pieceBytes_ * pieces);
  const int refused = posix_fallocate(file_.get(), 0, bytes);
  if (isForRoom(refused)) failForRoom(pieceBytes_ * pieces);
  // Where room cannot be taken in advance, writing tells.
}

bool SpoolFile::usePageCache() noexcept {
  if (!isDirect_) return false;
  isDirect_ = false;
  return fcntl(file_.get(), F_SETFL, 0) == 0;
}

void SpoolFile::write(std::uint64_t piece, const std::byte* bytes) {
  for (std::uint64_t done = 0; done < pieceBytes_;) {
    const ssize_t count = pwrite(file_.get(), bytes + done, pieceBytes_ - done,
                                 static_cast<off_t>(piece * pieceBytes_ + done));
    if (count > 0) {
      done += static_cast<std::uint64_t>(count);
    } else if (count < 0 && errno == EINVAL && usePageCache()) {
      // Some file systems take the flag, and then no such writes.
    } else if (count < 0 && isForRoom(errno)) {
      failForRoom(pieceBytes_ * (checksums_.size() - piece));
    } else if (count == 0 || errno != EINTR) {
      fail("cannot be written to", count == 0 ? EIO : errno);
    }
  }
  checksums_[piece] = checksum({bytes, pieceBytes_});
}

void SpoolFile::read(std::uint64_t piece, std::byte* into) const {
  for (std::uint64_t done = 0; done < pieceBytes_;) {
    const ssize_t count = pread(file_.get(), into + done, pieceBytes_ - done,
                                static_cast<off_t>(piece * pieceBytes_ + done));
    if (count > 0) {
      done += static_cast<std::uint64_t>(count);
    } else if (count == 0) {
      throw Error(ErrorCode::file,
                  "The rows that were spooled in " + folder_ +
                      " are cut short: something has changed the file; train again",
                  {.path = folder_});
    } else if (errno != EINTR) {
      fail("cannot be read", errno);
    }
  }
}

void SpoolFile::check(std::uint64_t piece, const std::byte* bytes) const {
  if (checksum({bytes, pieceBytes_}) == checksums_[piece]) return;
  throw Error(ErrorCode::file,
              "Rows that were spooled in " + folder_ +
                  " are not what was written there: the disk or its memory fails, or something has "
                  "changed the file; check the disk, or name a folder on another in THALWEG_SPOOL",
              {.path = folder_});
}

void SpoolFile::fail(const std::string& what, int reason) const {
  throw Error(ErrorCode::file,
              "The folder for spooled rows, " + folder_ + ", " + what + " (" +
                  std::generic_category().message(reason) + "); name another in THALWEG_SPOOL",
              {.path = folder_});
}

void SpoolFile::failForRoom(std::uint64_t bytes) const {
  throw Error(ErrorCode::file,
              "There is no room for " + inMebibytes(bytes) + " of rows in " + folder_ + " (" +
                  inMebibytes(availableBytesIn(folder_)) + " are free): " + whereElse,
              {.path = folder_});
}

}  // namespace thalweg
