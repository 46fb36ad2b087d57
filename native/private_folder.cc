#include "private_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <memory>
#include <system_error>

namespace thalweg {
namespace {

#ifdef O_PATH
constexpr int onTheWay = O_PATH;  // a folder on the way may be closed to reading
#else
constexpr int onTheWay = O_RDONLY;
#endif

/// As many links as Linux follows.
constexpr int mostLinks = 40;

std::string describe(int error) { return std::generic_category().message(error); }

FolderState failed(const std::string& where, int error) {
  return {FolderState::Kind::failed, where + ": " + describe(error)};
}

FolderState unsafe(std::string why) { return {FolderState::Kind::unsafe, std::move(why)}; }

bool isMine(const struct stat& there) { return there.st_uid == geteuid(); }

bool isMineOrRoots(const struct stat& there) { return isMine(there) || there.st_uid == 0; }

bool mayBeWrittenByOthers(const struct stat& there) {
  return (there.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

std::string ownerOf(const struct stat& there) {
  return "belongs to user " + std::to_string(there.st_uid) + ", and this is user " +
         std::to_string(geteuid());
}

std::deque<std::string> partsOf(const std::filesystem::path& path) {
  std::deque<std::string> parts;
  for (const auto& part : path.relative_path()) {
    if (!part.empty() && part != ".") parts.push_back(part.string());
  }
  return parts;
}

std::optional<std::string> linkAt(int folder, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = readlinkat(folder, name.c_str(), target.data(), target.size());
  if (length < 0 || static_cast<std::size_t>(length) == target.size()) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(length));
}

/// Goes down a path part by part, and so follows no link without having seen whose it is.
class Walk {
 public:
  Walk(const std::filesystem::path& path, bool make)
      : make_(make), parts_(partsOf(path)), at_(openRoot()) {}

  /// The last folder of the path where nothing kept it from getting there.
  std::optional<Descriptor> end(FolderState& state) {
    while (!parts_.empty()) {
      const std::string name = parts_.front();
      parts_.pop_front();
      if (const auto stop = step(name)) {
        state = *stop;
        return std::nullopt;
      }
    }
    return std::move(at_);
  }

 private:
  static Descriptor openRoot() { return Descriptor(open("/", onTheWay | O_DIRECTORY | O_CLOEXEC)); }

  std::optional<FolderState> step(const std::string& name) {
    const std::string here = (reached_ / name).string();
    struct stat there {};
    if (fstatat(at_.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) return failed(here, errno);
      if (!make_) return FolderState{FolderState::Kind::absent};
      return make(name, here);
    }
    if (S_ISLNK(there.st_mode)) return follow(name, here, there);
    Descriptor next(
        openat(at_.get(), name.c_str(), onTheWay | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return failed(here, errno);
    at_ = std::move(next);
    reached_ = name == ".." ? reached_.parent_path() : reached_ / name;
    return std::nullopt;
  }

  std::optional<FolderState> make(const std::string& name, const std::string& here) {
    struct stat parent {};
    if (fstat(at_.get(), &parent) != 0) return failed(here, errno);
    if (!isMineOrRoots(parent))
      return unsafe(here + " is not made, since " + reached_.string() + " " + ownerOf(parent));
    if (mkdirat(at_.get(), name.c_str(), S_IRWXU) != 0 && errno != EEXIST)
      return failed(here, errno);
    parts_.push_front(name);
    return std::nullopt;
  }

  std::optional<FolderState> follow(const std::string& name, const std::string& here,
                                    const struct stat& there) {
    if (!isMineOrRoots(there)) return unsafe("the link " + here + " " + ownerOf(there));
    const auto target = linkAt(at_.get(), name);
    if (!target) return failed(here, errno);
    if (++links_ > mostLinks) return failed(here, ELOOP);
    const std::filesystem::path to(*target);
    if (to.is_absolute()) {
      at_ = openRoot();
      reached_ = "/";
    }
    auto parts = partsOf(to);
    parts_.insert(parts_.begin(), parts.begin(), parts.end());
    return std::nullopt;
  }

  bool make_;
  std::deque<std::string> parts_;
  Descriptor at_;
  std::filesystem::path reached_ = "/";
  int links_ = 0;
};

/// Never waits, as for the writer of a FIFO, and follows no link.
Descriptor openFile(int folder, const std::string& name) {
  return Descriptor(
      openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool isBelieved(const struct stat& there) {
  return S_ISREG(there.st_mode) && isMine(there) && !mayBeWrittenByOthers(there);
}

bool readAll(int file, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t count = ::read(file, into.data(), into.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool writeAll(int file, std::span<const std::byte> from) {
  while (!from.empty()) {
    const ssize_t count = ::write(file, from.data(), from.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    from = from.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

/// As lib/base/temporaries.ts names them, and removes those of processes that are gone. A name that
/// is there already is not opened, so that a system without random numbers only fails to write.
std::string temporaryName() {
  // Not std::random_device, which in a newer libstdc++ needs a newer C library than the README's.
  std::array<std::uint8_t, 8> random{};
  if (getentropy(random.data(), random.size()) != 0) random = {};
  std::string digits;
  for (const unsigned byte : random) {
    digits += "0123456789abcdef"[byte >> 4U];
    digits += "0123456789abcdef"[byte & 15U];
  }
  return ".thalweg-" + std::to_string(getpid()) + "-" + digits + ".tmp";
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

PrivateFolder::PrivateFolder(const std::filesystem::path& path, bool make) {
  auto found = Walk(path, make).end(state_);
  if (!found) return;
  Descriptor folder(openat(found->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat there {};
  if (!folder || fstat(folder.get(), &there) != 0) {
    state_ = failed(path.string(), errno);
  } else if (!isMine(there)) {
    state_ = unsafe(path.string() + " " + ownerOf(there));
  } else if (mayBeWrittenByOthers(there)) {
    state_ = unsafe("others than you may write " + path.string());
  } else {
    folder_ = std::move(folder);
  }
}

PrivateFolder::File PrivateFolder::read(const std::string& name, std::uint64_t largest) const {
  if (!isOpen()) return {};
  const Descriptor file = openFile(folder_.get(), name);
  if (!file) return {errno != ENOENT};
  struct stat there {};
  if (fstat(file.get(), &there) != 0 || !isBelieved(there)) return {true};
  const auto size = static_cast<std::uint64_t>(there.st_size);
  if (size > largest) return {true};
  std::vector<std::byte> content(size);
  if (!readAll(file.get(), content)) return {true};
  return {true, std::move(content)};
}

std::string PrivateFolder::write(const std::string& name,
                                 std::span<const std::byte> content) const {
  if (!isOpen()) return state_.why;
  const std::string temporary = temporaryName();
  Descriptor file(openat(folder_.get(), temporary.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return describe(errno);
  const bool written = writeAll(file.get(), content);
  const bool kept =
      written && renameat(folder_.get(), temporary.c_str(), folder_.get(), name.c_str()) == 0;
  if (kept) return {};
  std::string why = describe(errno);
  unlinkat(folder_.get(), temporary.c_str(), 0);
  return why;
}

void PrivateFolder::remove(const std::string& name) const noexcept {
  if (isOpen()) unlinkat(folder_.get(), name.c_str(), 0);
}

std::vector<std::string> PrivateFolder::untrusted() const {
  std::vector<std::string> names;
  if (!isOpen()) return names;
  Descriptor again(openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> list(fdopendir(again.get()), closedir);
  if (!list) return names;
  again.release();
  while (const dirent* entry = readdir(list.get())) {
    const std::string name = entry->d_name;
    if (name.starts_with('.')) continue;
    struct stat there {};
    if (fstatat(folder_.get(), name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        !isBelieved(there))
      names.push_back(name);
  }
  return names;
}

std::string PrivateFolder::whyNotWritable() const {
  if (!isOpen()) return state_.why;
  return faccessat(folder_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0 ? "" : describe(errno);
}

}  // namespace thalweg
