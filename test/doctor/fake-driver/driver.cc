// An OpenCL library for tests, to be named by THALWEG_OPENCL_LIBRARY: the system's, but for what
// the environment asks of it. Linked with libOpenCL.so.1, so that what is not defined here is found
// there.
//
//   FAKE_DRIVER_RECORD   a file that gets a line for each process that loads this: the variables
//                        that AMD's runtime reads, as they are then
//   FAKE_DRIVER_TARGET   devices are GPUs of this instruction set, as gfx1034
//   FAKE_DRIVER_BOARD    the name of their card
//   FAKE_DRIVER_NEEDS    a variable without which there are no devices; HSA_OVERRIDE_GFX_VERSION*
//                        gives them its own instruction set
//   FAKE_DRIVER_FAULT    crash-load, crash-platforms, hang-platforms, crash-build, hang-build,
//                        fail-build, wrong-results (once kernels were compiled), lost-writes (of
//                        64 KiB and more); hang-probes: platforms, without the variable that an
//                        override sets

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

extern char** environ;

namespace {

constexpr int DEVICE_NOT_FOUND = -1;
constexpr int BUILD_PROGRAM_FAILURE = -11;
constexpr unsigned DEVICE_TYPE = 0x1000;
constexpr unsigned DEVICE_NAME = 0x102B;
constexpr unsigned DEVICE_VENDOR = 0x102C;
constexpr unsigned DEVICE_BOARD_NAME_AMD = 0x4038;
constexpr std::uint64_t GPU = 1 << 2;

std::string variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

bool compiled = false;

bool fault(const std::string& name) { return variable("FAKE_DRIVER_FAULT") == name; }

void crashOrHang(const std::string& where) {
  if (fault("crash-" + where)) {
    std::fputs("fake driver: about to crash\n", stderr);
    std::abort();  // not SIGSEGV, which PoCL catches
  }
  while (fault("hang-" + where)) pause();
  const bool overridden = !variable("HSA_OVERRIDE_GFX_VERSION").empty();
  while (where == "platforms" && fault("hang-probes") && !overridden) pause();
}

/// The function of that name which this library hides.
template <typename Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void record() {
  crashOrHang("load");
  const std::string file = variable("FAKE_DRIVER_RECORD");
  if (file.empty()) return;
  std::string line;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (text.starts_with("HSA_") || text.starts_with("ROC_")) line += text + " ";
  }
  std::ofstream(file, std::ios::app) << getpid() << " " << line << "\n";
}

std::string target() {
  const std::string needed = variable("FAKE_DRIVER_NEEDS");
  return needed.starts_with("HSA_") && variable(needed) == "10.3.0"
             ? "gfx1030"
             : variable("FAKE_DRIVER_TARGET");
}

/// Answers a question for a text or a number as OpenCL does.
int give(const void* value, std::size_t length, std::size_t size, void* room, std::size_t* needed) {
  if (needed != nullptr) *needed = length;
  if (room != nullptr) std::memcpy(room, value, std::min(size, length));
  return 0;
}

}  // namespace

extern "C" {

int clGetPlatformIDs(unsigned count, void* platforms, unsigned* found) {
  crashOrHang("platforms");
  return real<decltype(clGetPlatformIDs)>("clGetPlatformIDs")(count, platforms, found);
}

int clGetDeviceIDs(void* platform, std::uint64_t type, unsigned count, void* ids, unsigned* found) {
  const std::string needed = variable("FAKE_DRIVER_NEEDS");
  if (!needed.empty() && variable(needed).empty()) return DEVICE_NOT_FOUND;
  return real<decltype(clGetDeviceIDs)>("clGetDeviceIDs")(platform, type, count, ids, found);
}

int clGetDeviceInfo(void* id, unsigned what, std::size_t size, void* value, std::size_t* needed) {
  const std::string isa = target();
  if (!isa.empty() && what == DEVICE_TYPE) return give(&GPU, sizeof GPU, size, value, needed);
  if (!isa.empty() && what == DEVICE_NAME)
    return give(isa.c_str(), isa.size() + 1, size, value, needed);
  if (!isa.empty() && what == DEVICE_VENDOR)
    return give("Advanced Micro Devices, Inc.", 29, size, value, needed);
  const std::string board = variable("FAKE_DRIVER_BOARD");
  if (!board.empty() && what == DEVICE_BOARD_NAME_AMD)
    return give(board.c_str(), board.size() + 1, size, value, needed);
  return real<decltype(clGetDeviceInfo)>("clGetDeviceInfo")(id, what, size, value, needed);
}

int clEnqueueWriteBuffer(void* queue, void* buffer, unsigned blocking, std::size_t offset,
                         std::size_t size, const void* from, unsigned events, const void* list,
                         void* event) {
  if (fault("lost-writes") && size >= std::size_t{64} << 10U) return 0;
  return real<decltype(clEnqueueWriteBuffer)>("clEnqueueWriteBuffer")(
      queue, buffer, blocking, offset, size, from, events, list, event);
}

int clBuildProgram(void* program, unsigned count, const void* devices, const char* options,
                   void (*done)(void*, void*), void* data) {
  crashOrHang("build");
  compiled = true;
  if (fault("fail-build")) return BUILD_PROGRAM_FAILURE;
  return real<decltype(clBuildProgram)>("clBuildProgram")(program, count, devices, options, done,
                                                          data);
}

int clEnqueueReadBuffer(void* queue, void* buffer, unsigned blocking, std::size_t offset,
                        std::size_t size, void* to, unsigned events, const void* list,
                        void* event) {
  const int status = real<decltype(clEnqueueReadBuffer)>("clEnqueueReadBuffer")(
      queue, buffer, blocking, offset, size, to, events, list, event);
  if (fault("wrong-results") && compiled && size >= sizeof(float)) {
    // The exponent's low bits of the first value: still a number, and another one.
    static_cast<unsigned char*>(to)[sizeof(float) - 2] ^= 0x80;
  }
  return status;
}

}  // extern "C"
