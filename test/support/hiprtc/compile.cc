// Compiles sources with a real hiprtc, which needs no GPU: `compile LIBRARY`, and on standard
// input, for each source, a line `NAME OPTIONS-COUNT BYTES`, an option a line, and the source.
// Prints a line `NAME STATUS CODE-BYTES` for each, and logs of failures on standard error.

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "device/drivers/hip/api.h"

using namespace thalweg::hip;

int main(int, char** arguments) {
  const thalweg::drivers::Loaded<Api> loaded = loadApi(arguments[1]);
  if (!loaded.api) {
    std::fprintf(stderr, "%s: %s\n", loaded.library.c_str(), loaded.failure.c_str());
    return 1;
  }
  const Api& api = *loaded.api;
  std::string name;
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (std::cin >> name >> count >> bytes) {
    std::cin.ignore();
    std::vector<std::string> options(count);
    for (std::string& option : options) std::getline(std::cin, option);
    std::string source(bytes, '\0');
    std::cin.read(source.data(), static_cast<std::streamsize>(bytes));

    std::vector<const char*> pointers;
    for (const std::string& option : options) pointers.push_back(option.c_str());
    hiprtcProgram program = nullptr;
    hiprtcResult status =
        api.hiprtcCreateProgram(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr);
    if (status == HIPRTC_SUCCESS)
      status = api.hiprtcCompileProgram(program, static_cast<int>(count), pointers.data());
    std::size_t size = 0;
    if (status == HIPRTC_SUCCESS) {
      status = api.hiprtcGetCodeSize(program, &size);
    } else {
      api.hiprtcGetProgramLogSize(program, &size);
      std::string log(size, '\0');
      api.hiprtcGetProgramLog(program, log.data());
      std::fprintf(stderr, "%s: %s\n", name.c_str(), log.c_str());
      size = 0;
    }
    api.hiprtcDestroyProgram(&program);
    std::printf("%s %d %zu\n", name.c_str(), status, size);
    std::fflush(stdout);
  }
}
