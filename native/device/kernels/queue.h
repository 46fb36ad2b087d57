#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace thalweg::kernels {

/// Memory of the device. Released when destroyed, after what is enqueued no longer needs it.
class Buffer {
 public:
  explicit Buffer(std::uint64_t bytes) noexcept : bytes_(bytes) {}
  virtual ~Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  std::uint64_t bytes_;
};

/// One compiled kernel; lives as long as its program.
class Kernel {
 public:
  Kernel() = default;
  virtual ~Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
};

class Program {
 public:
  Program() = default;
  virtual ~Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] virtual const Kernel& kernel(const std::string& name) = 0;
};

/// A point in the queue that can be waited for.
class Fence {
 public:
  Fence() = default;
  virtual ~Fence() = default;
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;

  /// Returns when everything enqueued before the fence is done.
  virtual void wait() = 0;
};

/// Launches that were recorded, in order. The buffers and kernels that they use outlive it, so it
/// waits, when it is destroyed, for what it enqueued.
class Recording {
 public:
  Recording() = default;
  virtual ~Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Enqueues them all, with the arguments that they were recorded with.
  virtual void enqueue() = 0;
};

/// Whether equal steps are recorded once and enqueued as that.
enum class Recordings {
  never,
  whereFaster,  ///< found out on a run's first steps
  always,       ///< where the driver can
};

struct QueueLimits {
  std::uint64_t allocationBytes = 0;  ///< largest single buffer
  std::uint32_t groupSize = 1;        ///< most work-items a group
  std::uint64_t localBytes = 0;       ///< local memory of a group
  std::uint32_t computeUnits = 1;
  std::uint64_t cacheBytes = 0;  ///< of the last cache before the memory; 0: not known
  bool float64 = true;
  Recordings recordings = Recordings::whereFaster;
};

/// What OpenCL and HIP have in common: memory, programs, and an in-order queue of launches. One
/// thread at a time.
class KernelQueue {
 public:
  KernelQueue() = default;
  virtual ~KernelQueue() = default;
  KernelQueue(const KernelQueue&) = delete;
  KernelQueue& operator=(const KernelQueue&) = delete;

  [[nodiscard]] virtual const QueueLimits& limits() const noexcept = 0;

  /// Throws outOfMemory where `bytes` more, in however many buffers, are beyond the device.
  virtual void expectRoom(std::uint64_t bytes) const = 0;

  /// Zeros, there in fact when the call returns (some drivers allocate at first use). Throws
  /// outOfMemory.
  [[nodiscard]] virtual std::unique_ptr<Buffer> allocate(std::uint64_t bytes) = 0;

  /// `bytes` may be reused when the call returns.
  virtual void write(const Buffer& to, std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// The same while what was enqueued before may still be under way, which does not use the buffer.
  virtual void writeAside(const Buffer& to, std::uint64_t offset,
                          std::span<const std::byte> bytes) = 0;
  /// Waits for what was enqueued before.
  virtual void read(const Buffer& from, std::uint64_t offset, std::span<std::byte> bytes) = 0;

  /// Compiles the prelude of the back end and then the files of kernels/, with `defines` as NAME or
  /// NAME=VALUE. Throws kernelBuild with the log.
  [[nodiscard]] virtual std::unique_ptr<Program> compile(std::span<const std::string_view> files,
                                                         std::span<const std::string> defines) = 0;

  /// Enqueues `groups` groups of `groupSize` work-items, with these buffers and, after them, the
  /// kernel's struct of kernels/math/arguments.h.
  virtual void launch(const Kernel& kernel, std::uint64_t groups, std::uint32_t groupSize,
                      std::initializer_list<const Buffer*> buffers,
                      std::span<const std::byte> arguments) = 0;

  /// A fence after everything enqueued so far, which starts to run if it did not yet.
  [[nodiscard]] virtual std::unique_ptr<Fence> fence() = 0;

  virtual void finish() = 0;

  /// Whether this queue may be able to record.
  [[nodiscard]] virtual bool records() const noexcept { return false; }

  /// Records what `launches` launches, instead of enqueueing it; it calls nothing else of the
  /// queue. Null where the driver cannot after all.
  [[nodiscard]] virtual std::unique_ptr<Recording> record(const std::function<void()>& launches) {
    static_cast<void>(launches);
    return nullptr;
  }
};

}  // namespace thalweg::kernels
