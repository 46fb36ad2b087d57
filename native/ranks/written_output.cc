#include "written_output.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace thalweg {
namespace {

bool hasUnread(int descriptor) noexcept {
  struct stat status {};
  int bytes = 0;
  return fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode) &&
         ioctl(descriptor, FIONREAD, &bytes) == 0 && bytes > 0;
}

}  // namespace

void waitUntilOutputIsRead(std::chrono::milliseconds most) noexcept {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point last = Clock::now() + most;
  while ((hasUnread(STDERR_FILENO) || hasUnread(STDOUT_FILENO)) && Clock::now() < last)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace thalweg
