#include "status.h"

#include <algorithm>

#include "../../error.h"

namespace thalweg::drivers {

const Status* StatusTable::find(StatusNumber number) const noexcept {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const Status& status) { return status.number == number; });
  return found == known.end() ? nullptr : &*found;
}

Meaning StatusTable::meaningOf(StatusNumber number) const noexcept {
  const Status* const status = find(number);
  return status == nullptr ? Meaning::none : status->meaning;
}

std::string StatusTable::describe(StatusNumber number) const {
  const Status* const status = find(number);
  if (status == nullptr) return std::string(title) + " status " + std::to_string(number);
  return std::string(status->name) + " (" + std::to_string(number) + ")";
}

std::string Check::answer(StatusNumber status, const char* function) const {
  return std::string(function) + ": " + statuses_->describe(status);
}

void Check::outOfMemory(std::uint64_t bytes, const std::string& reason) const {
  throw Error(
      ErrorCode::outOfMemory,
      device() + " has no " +
          (bytes == 0 ? "memory left" : "room for " + std::to_string(bytes) + " more bytes") +
          " (" + reason +
          "). Dispose matrices that are no longer needed, use dtype: 'float32', or train "
          "on the 'cpu' device.",
      {.device = id_});
}

void Check::allocated(StatusNumber status, const char* function, std::uint64_t bytes) const {
  const Meaning meaning = statuses_->meaningOf(status);
  if (meaning == Meaning::noMemory || meaning == Meaning::noRoom)
    outOfMemory(bytes, answer(status, function));
  if (meaning == Meaning::noRoomOrFault) {
    outOfMemory(bytes, answer(status, function) +
                           ", which drivers also answer after a kernel has failed: where there is "
                           "memory enough, open the device again and run `thalweg doctor`");
  }
  done(status, function);
}

void Check::done(StatusNumber status, const char* function) const {
  if (status == 0) return;
  if (statuses_->meaningOf(status) == Meaning::noMemory) {
    throw Error(ErrorCode::outOfMemory,
                device() + " ran out of memory at work (" + answer(status, function) +
                    "). Dispose matrices that are no longer needed, or train on the 'cpu' device.",
                {.device = id_});
  }
  throw Error(ErrorCode::deviceLost,
              device() + " stopped answering (" + answer(status, function) +
                  "). Open the device again; if that fails too, look at the system log and run "
                  "`thalweg doctor`.",
              {.device = id_});
}

bool Check::concernsKernel(StatusNumber status, const char* function) const {
  if (status == 0) return false;
  const Meaning meaning = statuses_->meaningOf(status);
  if (meaning == Meaning::noMemory || meaning == Meaning::lost) done(status, function);
  return true;
}

void Check::buildFailed(const std::string& what, const std::string& log) const {
  throw Error(ErrorCode::kernelBuild,
              "The " + std::string(statuses_->compiler) + " " + device() + " rejected a kernel (" +
                  what + "); the error's log has its words. " + statuses_->compilerAdvice,
              {.device = id_, .log = log});
}

}  // namespace thalweg::drivers
