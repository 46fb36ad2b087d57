#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "../device/device.h"

namespace thalweg::binding {

/// A device, the matrices it holds, and the one thread that uses them. Tasks run in the order they
/// were submitted; nothing but `Matrix::beginUpload` touches the device from elsewhere.
class DeviceHost {
 public:
  using Task = std::function<void(DeviceHost&)>;

  DeviceHost();
  ~DeviceHost();
  DeviceHost(const DeviceHost&) = delete;
  DeviceHost& operator=(const DeviceHost&) = delete;

  void submit(Task task);

  /// Cancels the running task where it can be, drops the waiting ones, ends the thread and frees
  /// the device.
  void stop();

  /// A flag that `stop` sets.
  [[nodiscard]] std::shared_ptr<CancelFlag> newCancelFlag();

  // On the device's thread:

  void open(std::unique_ptr<Device> device) { device_ = std::move(device); }
  /// Frees the matrices and the device; tasks that come later find none.
  void close();
  /// Throws Error disposed after `close`.
  [[nodiscard]] Device& device() const;
  [[nodiscard]] std::weak_ptr<Matrix> keep(std::unique_ptr<Matrix> matrix);
  void drop(const std::weak_ptr<Matrix>& matrix);

 private:
  void run();

  // The order matters: the thread ends first, then matrices go, then their device.
  std::unique_ptr<Device> device_;
  std::set<std::shared_ptr<Matrix>> matrices_;
  std::mutex mutex_;
  std::mutex joinMutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::vector<std::weak_ptr<CancelFlag>> flags_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Makes `exit` stop every host before the exit handlers that were registered until now: call it
/// when a driver has been loaded.
void stopHostsBeforeDriversExit();

}  // namespace thalweg::binding
