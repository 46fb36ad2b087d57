#include "device_host.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "../error.h"

namespace thalweg::binding {
namespace {

/// Hosts whose thread may be inside a driver. `process.exit` runs the drivers' own exit handlers
/// without ending Node's environments first, so a handler registered after the driver's has to stop
/// the threads before them. Never destroyed: it is used while statics are.
struct LiveHosts {
  std::mutex mutex;
  std::set<DeviceHost*> hosts;
};

LiveHosts& liveHosts() {
  static auto* const live = std::make_unique<LiveHosts>().release();
  return *live;
}

void stopAll() {
  // Held throughout: a worker may be destroying a host of its own meanwhile.
  const std::lock_guard lock(liveHosts().mutex);
  for (auto* host : liveHosts().hosts) host->stop();
}

}  // namespace

DeviceHost::DeviceHost() : thread_([this] { run(); }) {
  const std::lock_guard lock(liveHosts().mutex);
  liveHosts().hosts.insert(this);
}

DeviceHost::~DeviceHost() {
  {
    const std::lock_guard lock(liveHosts().mutex);
    liveHosts().hosts.erase(this);
  }
  stop();
}

void DeviceHost::submit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void DeviceHost::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& weak : flags_) {
      if (const auto flag = weak.lock()) flag->store(true);
    }
  }
  wake_.notify_one();
  const std::lock_guard lock(joinMutex_);
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<CancelFlag> DeviceHost::newCancelFlag() {
  auto flag = std::make_shared<CancelFlag>(false);
  const std::lock_guard lock(mutex_);
  std::erase_if(flags_, [](const auto& weak) { return weak.expired(); });
  flags_.push_back(flag);
  if (stopping_) flag->store(true);
  return flag;
}

void DeviceHost::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_) break;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task(*this);
    task = nullptr;  // what it held of the device is freed on this thread
    lock.lock();
  }
  lock.unlock();
  tasks_.clear();  // `submit` adds none any more
  close();
}

void DeviceHost::close() {
  matrices_.clear();
  device_.reset();
}

Device& DeviceHost::device() const {
  if (!device_) {
    throw Error(ErrorCode::disposed, "This device is closed; open it again with openDevice()");
  }
  return *device_;
}

std::weak_ptr<Matrix> DeviceHost::keep(std::unique_ptr<Matrix> matrix) {
  return *matrices_.insert(std::shared_ptr<Matrix>(std::move(matrix))).first;
}

void DeviceHost::drop(const std::weak_ptr<Matrix>& matrix) { matrices_.erase(matrix.lock()); }

void stopHostsBeforeDriversExit() { std::atexit(stopAll); }

}  // namespace thalweg::binding
