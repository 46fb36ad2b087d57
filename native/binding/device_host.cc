#include "device_host.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "../error.h"

namespace thalweg::binding {

/// Owns every host of the process until its thread has ended. Never destroyed: it is used while
/// statics are.
class LiveHosts {
 public:
  static LiveHosts& instance() {
    static auto* const live = std::make_unique<LiveHosts>().release();
    return *live;
  }

  void add(const std::shared_ptr<DeviceHost>& host) {
    const std::lock_guard lock(mutex_);
    if (ending_) host->askToEnd();
    hosts_.push_back(host);
  }

  /// Joins the threads that have ended, and gives their hosts up.
  void clear() {
    const std::lock_guard lock(mutex_);
    std::erase_if(hosts_, [](const auto& host) { return host->hasEnded(); });
  }

  /// For the end of the process: no thread begins any more.
  void stopAll() {
    std::vector<std::shared_ptr<DeviceHost>> all;
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      all = hosts_;
    }
    DeviceHost::stop(all);
  }

  /// Whether a thread may still be inside a driver.
  [[nodiscard]] bool any() {
    const std::lock_guard lock(mutex_);
    return !hosts_.empty();
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<DeviceHost>> hosts_;
  bool ending_ = false;
};

namespace {

/// `process.exit` runs the drivers' own exit handlers without ending Node's environments first, so
/// a handler registered after the driver's has to stop the threads before them. With a thread that
/// does not end they would crash, or wait for it: then none of them runs.
void stopAll(int status) {
  LiveHosts::instance().stopAll();
  if (LiveHosts::instance().any()) _exit(status);
}

}  // namespace

void stopHostsBeforeDriversExit() {
#ifdef __GLIBC__
  on_exit([](int status, void*) { stopAll(status); }, nullptr);
#else
  // The status that the process ends with is not known here.
  std::atexit([] { stopAll(EXIT_FAILURE); });
#endif
}

std::shared_ptr<DeviceHost> DeviceHost::start(std::string title) {
  LiveHosts::instance().clear();
  auto host = std::make_shared<DeviceHost>(std::move(title));
  LiveHosts::instance().add(host);
  auto* const pointer = host.get();
  return {pointer, [host = std::move(host)](DeviceHost*) { host->askToEnd(); }};
}

DeviceHost::DeviceHost(std::string title) : title_(std::move(title)), thread_([this] { run(); }) {}

DeviceHost::~DeviceHost() { thread_.join(); }

void DeviceHost::submit(Task task, std::shared_ptr<CancelFlag> cancel) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back({std::move(task), std::move(cancel)});
  }
  wake_.notify_one();
}

void DeviceHost::askToEnd() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& weak : flags_) {
      if (const auto flag = weak.lock()) flag->store(true);
    }
  }
  wake_.notify_one();
}

bool DeviceHost::endsBefore(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return end_.wait_until(lock, deadline, [this] { return ended_ || leftBehind_; }) && ended_;
}

bool DeviceHost::hasEnded() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void DeviceHost::stop(std::span<const std::shared_ptr<DeviceHost>> hosts) {
  for (const auto& host : hosts) host->askToEnd();
  const Clock::time_point deadline = Clock::now() + patience;
  for (const auto& host : hosts) {
    if (!host->endsBefore(deadline)) host->leaveBehind();
  }
  LiveHosts::instance().clear();
}

void DeviceHost::leaveBehind() {
  askToEnd();
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || leftBehind_) return;
    leftBehind_ = true;
  }
  static_cast<void>(std::fprintf(
      stderr,
      "thalweg: %s has not answered for %d seconds, and is left behind: its thread and its memory "
      "stay until the process ends, which will be without the drivers' own exit handlers.\n",
      title_.c_str(), static_cast<int>(patience.count())));
  stopHostsBeforeDriversExit();
}

bool DeviceHost::isLeftBehind() const {
  const std::lock_guard lock(mutex_);
  return leftBehind_;
}

bool DeviceHost::isHung(const CancelFlag* cancel) const {
  const std::lock_guard lock(mutex_);
  if (!running_) return false;
  if (running_->cancel) return running_->cancel.get() == cancel;
  return Clock::now() - running_->since >= patience;
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
    auto [task, cancel] = std::move(tasks_.front());
    tasks_.pop_front();
    running_ = {std::move(cancel), Clock::now()};
    lock.unlock();
    task(*this);
    task = nullptr;  // what it held of the device is freed on this thread
    lock.lock();
    running_.reset();
  }
  lock.unlock();
  tasks_.clear();  // `submit` adds none any more
  close();
  lock.lock();
  ended_ = true;
  end_.notify_all();
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

}  // namespace thalweg::binding
