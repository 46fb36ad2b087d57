#include "mpi.h"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>

#include "../error.h"
#include "mpi_bridge.h"
#include "written_output.h"

namespace thalweg {
namespace {

class Mpi final : public Transport {
 public:
  explicit Mpi(const thalweg_mpi& bridge) : bridge_(bridge) {
    int rank = 0;
    int size = 1;
    check(bridge_.start(&rank, &size), "MPI does not start");
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
  }

  [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
  [[nodiscard]] std::size_t size() const noexcept override { return size_; }

  void gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    check(bridge_.gather(mine.data(), static_cast<int>(mine.size()), all.data()), failed);
  }
  void exchange(std::span<const std::byte> mine, std::span<std::byte> theirs) override {
    check(bridge_.exchange(mine.data(), static_cast<int>(mine.size() / size_), theirs.data()),
          failed);
  }
  [[nodiscard]] bool isDone() override {
    int done = 0;
    check(bridge_.test(&done), failed);
    return done != 0;
  }
  void abort(int code) override {
    waitUntilOutputIsRead(outputPatience);
    bridge_.abort(code);
  }
  void finish() override { check(bridge_.finish(), "MPI does not end"); }

 private:
  static constexpr const char* failed = "MPI failed while ranks exchanged values";
  /// MPICH's launcher ends at once when it hears of an abort, and what lies in the pipes of the
  /// ranks is lost: the message that says why, on a machine that is busy. It hands on what it has
  /// taken from a pipe before it listens to an abort that came later. A reader that has stopped, as
  /// a pager does, keeps the other ranks for no longer than this.
  static constexpr std::chrono::seconds outputPatience{10};

  void check(int status, const char* what) const {
    if (status == 0) return;
    std::array<char, 512> text{};
    bridge_.describe(status, text.data(), static_cast<int>(text.size()));
    throw Error(ErrorCode::rank, std::string(what) + ": " + text.data());
  }

  const thalweg_mpi& bridge_;
  std::size_t rank_ = 0;
  std::size_t size_ = 1;
};

/// Nobody has said how the process ends: then not as it should.
constexpr int unknownEnd = 1;

std::mutex starting;
StartedWorld started;
std::atomic<int> endCode = unknownEnd;

/// After Node has printed why it ends, and before the MPI library's own exit handlers.
void endAtExit() { started.world->end(endCode); }

/// UCX, by which MPI libraries reach networks, otherwise writes jumps into the code of mmap and brk
/// to hear of memory that goes, under a program whose threads are in it (V8 was seen to crash in
/// one of sixty starts under MPICH 4.0 of Debian), and answers signals in its place: one that hangs
/// up would begin to tell what it does, and go on. Who sets these variables has the last word.
void keepUcxAside() {
  setenv("UCX_MEM_EVENTS", "no", 0);
  setenv("UCX_MEM_MMAP_HOOK_MODE", "none", 0);
  setenv("UCX_ERROR_SIGNALS", "", 0);
  setenv("UCX_DEBUG_SIGNO", "0", 0);
}

const thalweg_mpi& load(const std::string& path) {
  keepUcxAside();
  // Plugins of some MPI libraries look for its symbols among those of the process.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) throw Error(ErrorCode::driverMissing, dlerror());
  const auto bridge = reinterpret_cast<decltype(&thalweg_mpi_bridge)>(  // NOLINT
      dlsym(library, "thalweg_mpi_bridge"));
  if (bridge == nullptr || bridge()->version != THALWEG_MPI_BRIDGE_VERSION) {
    throw Error(ErrorCode::driverMissing,
                path + " was built by another version of thalweg: run npx thalweg build --mpi");
  }
  return *bridge();
}

}  // namespace

StartedWorld startMpi(const std::string& path) {
  const std::lock_guard lock(starting);
  if (started.world) return started;
  const thalweg_mpi& bridge = load(path);
  started.world = std::make_shared<World>(std::make_unique<Mpi>(bridge));
  std::array<char, 1024> text{};
  bridge.library(text.data(), static_cast<int>(text.size()));
  started.library = text.data();
  std::atexit(endAtExit);
  return started;
}

std::shared_ptr<World> startedWorld() {
  const std::lock_guard lock(starting);
  return started.world;
}

void endMpiWith(int code) {
  endCode = code;
  if (const auto world = startedWorld(); world && code != 0) world->giveUp();
}

}  // namespace thalweg
