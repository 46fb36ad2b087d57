#include "faults.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace emulator {
namespace {

struct Fault {
  std::string function;
  int call = 0;
  int status = 0;  // 0: what fits the function
  bool onwards = false;
  bool hangs = false;
};

std::vector<Fault> faultsOf(const std::string& text) {
  std::vector<Fault> faults;
  std::istringstream list(text);
  for (std::string one; std::getline(list, one, ',');) {
    const std::size_t colon = one.find(':');
    if (colon == std::string::npos) continue;
    Fault fault;
    fault.function = one.substr(0, colon);
    fault.call = std::atoi(one.c_str() + colon + 1);
    const std::size_t equals = one.find('=', colon);
    if (equals != std::string::npos) fault.status = std::atoi(one.c_str() + equals + 1);
    fault.onwards = one.back() == '+';
    fault.hangs = one.back() == '!';
    faults.push_back(fault);
  }
  return faults;
}

/// Never returns; the file that HIP_EMULATOR_HUNG names is there from now on.
[[noreturn]] void hang() {
  const char* const file = std::getenv("HIP_EMULATOR_HUNG");
  if (file != nullptr) close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  for (;;) pause();
}

struct Counts {
  std::mutex mutex;
  std::string variable;
  std::vector<Fault> faults;
  std::map<std::string, int> calls;
};

Counts& counts() {
  static Counts all;
  return all;
}

constexpr std::size_t objects = 9;

std::atomic<int>* openObjects() {
  static std::atomic<int>* const shared = [] {
    static std::atomic<int> own[objects];
    const char* const file = std::getenv("HIP_EMULATOR_OBJECTS");
    if (file == nullptr) return own;
    const int descriptor = open(file, O_RDWR | O_CREAT, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof own) != 0) return own;
    void* const memory =
        mmap(nullptr, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    return memory == MAP_FAILED ? own : static_cast<std::atomic<int>*>(memory);
  }();
  return shared;
}

}  // namespace

int failureOf(const char* function, int fitting) {
  Counts& all = counts();
  std::unique_lock lock(all.mutex);
  const char* const wanted = std::getenv("HIP_EMULATOR_FAIL");
  const std::string variable = wanted == nullptr ? "" : wanted;
  if (variable != all.variable) {
    all.variable = variable;
    all.faults = faultsOf(variable);
    all.calls.clear();
  }
  if (all.faults.empty()) return 0;
  const int call = ++all.calls[function];
  for (const Fault& fault : all.faults) {
    if (fault.function != function) continue;
    if (call == fault.call && fault.hangs) {
      lock.unlock();
      hang();
    }
    if (call == fault.call || (fault.onwards && call > fault.call))
      return fault.status == 0 ? fitting : fault.status;
  }
  return 0;
}

void count(Object object, int change) { openObjects()[static_cast<int>(object)] += change; }

}  // namespace emulator
