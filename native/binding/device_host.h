#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "../device/device.h"

namespace thalweg::binding {

/// A device, the matrices it holds, and the one thread that uses them. Tasks run in the order they
/// were submitted; nothing but `Matrix::beginUpload` touches the device from elsewhere.
///
/// The process owns it until its thread has ended, which is never where a driver hangs: what a hung
/// thread may still touch is not freed. Tasks therefore hold nothing that ends sooner.
class DeviceHost {
 public:
  using Task = std::function<void(DeviceHost&)>;

  /// How long a thread has to end. A cancelled task does so in milliseconds, but where a driver is
  /// at work: it may compile a kernel for seconds.
  static constexpr std::chrono::seconds patience{10};

  /// `title` names it in messages: 'opencl:0'. Its thread is asked to end when the last copy of the
  /// pointer goes.
  [[nodiscard]] static std::shared_ptr<DeviceHost> start(std::string title);

  explicit DeviceHost(std::string title);
  ~DeviceHost();
  DeviceHost(const DeviceHost&) = delete;
  DeviceHost& operator=(const DeviceHost&) = delete;

  /// `cancel` is the flag that ends the task early, where one does.
  void submit(Task task, std::shared_ptr<CancelFlag> cancel = nullptr);

  /// Of each: cancels the running task where it can be, drops the waiting ones, ends the thread and
  /// frees the device. Waits for them, for `patience` in all; those that have not ended by then are
  /// left behind.
  static void stop(std::span<const std::shared_ptr<DeviceHost>> hosts);

  /// Stops without waiting, says so on standard error, and has the process end without the drivers'
  /// exit handlers unless the thread ends before it. A second call does nothing.
  void leaveBehind();
  [[nodiscard]] bool isLeftBehind() const;

  /// Of who has waited for `patience`: whether it was in vain. The task under way is then the one
  /// that `cancel` was to end, or one that is never long.
  [[nodiscard]] bool isHung(const CancelFlag* cancel) const;

  /// A flag that `stop` sets.
  [[nodiscard]] std::shared_ptr<CancelFlag> newCancelFlag();

  [[nodiscard]] const std::string& title() const noexcept { return title_; }

  // On the device's thread:

  void open(std::unique_ptr<Device> device) { device_ = std::move(device); }
  /// Frees the matrices and the device; tasks that come later find none.
  void close();
  /// Throws Error disposed after `close`.
  [[nodiscard]] Device& device() const;
  [[nodiscard]] std::weak_ptr<Matrix> keep(std::unique_ptr<Matrix> matrix);
  void drop(const std::weak_ptr<Matrix>& matrix);

 private:
  friend class LiveHosts;
  using Clock = std::chrono::steady_clock;

  struct Submitted {
    Task task;
    std::shared_ptr<CancelFlag> cancel;
  };
  /// The task under way.
  struct Running {
    std::shared_ptr<CancelFlag> cancel;
    Clock::time_point since;
  };

  void run();
  void askToEnd();
  [[nodiscard]] bool endsBefore(Clock::time_point deadline);
  [[nodiscard]] bool hasEnded() const;

  std::string title_;
  // The order matters: matrices go before their device.
  std::unique_ptr<Device> device_;
  std::set<std::shared_ptr<Matrix>> matrices_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable end_;
  std::deque<Submitted> tasks_;
  std::optional<Running> running_;
  std::vector<std::weak_ptr<CancelFlag>> flags_;
  bool stopping_ = false;
  bool ended_ = false;
  bool leftBehind_ = false;
  std::thread thread_;  // last: starts when all else is there
};

/// Makes `exit` stop every host before the exit handlers that were registered until now: call it
/// when a driver has been loaded.
void stopHostsBeforeDriversExit();

}  // namespace thalweg::binding
