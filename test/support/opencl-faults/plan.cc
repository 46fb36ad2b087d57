#include "plan.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace thalweg::opencl::faults {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Never returns; the file that OPENCL_FAULTS_HUNG names is there from now on.
[[noreturn]] void hang() {
  const char* const file = std::getenv("OPENCL_FAULTS_HUNG");
  if (file != nullptr) close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  for (;;) pause();
}

/// Ends the process: a plan that is not understood would let a test pass that fails nothing.
[[noreturn]] void refuse(std::string_view fault) {
  std::fprintf(stderr, "opencl-faults: not FUNCTION:NTH[=STATUS][+|!|*]: %s\n",
               std::string(fault).c_str());
  std::abort();
}

template <typename Number>
std::string_view takeNumber(std::string_view text, Number& number, std::string_view whole) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) refuse(whole);
  return text.substr(static_cast<std::size_t>(end - text.data()));
}

Fault parse(std::string_view text) {
  Fault fault;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) refuse(text);
  fault.function = text.substr(0, colon);
  std::string_view rest = takeNumber(text.substr(colon + 1), fault.nth, text);
  if (rest.starts_with('=')) {
    cl_int status = CL_SUCCESS;
    rest = takeNumber(rest.substr(1), status, text);
    fault.status = status;
  }
  fault.lost = rest == "+";
  fault.hangs = rest == "!";
  fault.crashes = rest == "*";
  if (!fault.lost && !fault.hangs && !fault.crashes && !rest.empty()) refuse(text);
  return fault;
}

template <typename Map, typename Value>
std::string object(const Map& map, Value value) {
  std::string text;
  for (const auto& [name, held] : map)
    text += (text.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(value(held));
  return "{" + text + "}";
}

}  // namespace

Plan& Plan::instance() {
  // Never destroyed: drivers and threads may call while the process ends.
  static Plan& plan = *new Plan();  // NOLINT(cppcoreguidelines-owning-memory)
  return plan;
}

Plan::Plan() {
  arm(variable("OPENCL_FAULTS"));
  const std::string control = variable("OPENCL_FAULTS_CONTROL");
  if (!control.empty()) control_ = open(control.c_str(), O_RDONLY | O_CLOEXEC);
  std::atexit([] { Plan::instance().report(); });
}

void Plan::arm(std::string_view text) {
  faults_.clear();
  calls_.clear();
  failed_ = 0;
  lost_ = false;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    faults_.push_back(parse(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

void Plan::readControl() {
  if (control_ < 0) return;
  std::array<char, 512> buffer{};
  const ssize_t size = pread(control_, buffer.data(), buffer.size(), 0);
  if (size <= 0) return;
  // Of a line that is being written the end is not there yet.
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  if (!text.ends_with('\n') || text == armed_) return;
  armed_ = text;
  // The first word tells one plan from the next where both ask for the same.
  const std::size_t space = std::min(text.find(' '), text.size() - 1);
  arm(text.substr(space + 1, text.size() - std::min(space + 2, text.size())));
}

std::optional<cl_int> Plan::failing(const char* function, Kind kind, cl_int fitting) {
  std::unique_lock lock(mutex_);
  readControl();
  const std::uint64_t call = ++calls_[function];
  for (const Fault& fault : faults_) {
    if (fault.function != function || call < fault.nth) continue;
    if (call > fault.nth && !fault.lost) continue;
    ++failed_;
    if (fault.hangs) {
      lock.unlock();
      hang();
    }
    if (fault.crashes) std::abort();
    lost_ = lost_ || fault.lost;
    return fault.status.value_or(fault.lost ? CL_DEVICE_NOT_AVAILABLE : fitting);
  }
  if (lost_ && kind == Kind::onDevice) return CL_DEVICE_NOT_AVAILABLE;
  return std::nullopt;
}

void Plan::created(const char* object, const void* handle) {
  const std::lock_guard lock(mutex_);
  live_[object].insert(handle);
}

void Plan::released(const char* object, const void* handle) {
  const std::lock_guard lock(mutex_);
  refused_.erase(handle);
  if (live_[object].erase(handle) > 0) return;
  std::fprintf(stderr, "opencl-faults: a %s is released that does not live\n", object);
  std::abort();
}

bool Plan::refusedBuild(const void* program) {
  const std::lock_guard lock(mutex_);
  return refused_.contains(program);
}

void Plan::refuseBuild(const void* program) {
  const std::lock_guard lock(mutex_);
  refused_.insert(program);
}

void Plan::report() {
  const std::lock_guard lock(mutex_);
  const std::string file = variable("OPENCL_FAULTS_REPORT");
  if (file.empty()) return;
  const std::string calls = object(calls_, [](std::uint64_t count) { return count; });
  const std::string live =
      object(live_, [](const std::set<const void*>& handles) { return handles.size(); });
  const std::string whole = file + ".new";
  std::ofstream(whole) << "{\"failed\":" << failed_ << ",\"calls\":" << calls
                       << ",\"live\":" << live << "}\n";
  std::rename(whole.c_str(), file.c_str());
}

}  // namespace thalweg::opencl::faults
