// hiprtc: kernels are compiled by the system's C++ compiler, for this machine. Code is a header
// that names the instruction set it was asked for, and a shared library.

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "../edited-source.h"
#include "code.h"
#include "faults.h"

namespace {

constexpr int invalidInput = 3;
constexpr int invalidOption = 5;
constexpr int compilation = 6;

std::string contentOf(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A folder that is removed with what it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hip-emulator-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Takes the emulator's marks out of a preprocessed source, and appends what calls its kernels.
std::string withEntries(const std::string& preprocessed) {
  static const std::regex kernel(
      R"(EMULATED_KERNEL\s+EMULATED_BOUNDS\(\s*(\d+)\s*\)\s+void\s+(\w+))");
  std::string source = std::regex_replace(preprocessed, kernel, "void $2");
  for (std::sregex_iterator at(preprocessed.begin(), preprocessed.end(), kernel), end; at != end;
       ++at) {
    const std::string bounds = (*at)[1];
    const std::string name = (*at)[2];
    source += "\nextern \"C\" void emulated_enter_" + name +
              "(emulated::Block* block, void** arguments) {\n"
              "  emulated::here = block;\n  emulated::call(" +
              name + ", arguments);\n}\n";
    source += "extern \"C\" unsigned int emulated_sizes_" + name +
              "(size_t* bytes) {\n  return emulated::sizes(" + name + ", bytes);\n}\n";
    source +=
        "extern \"C\" unsigned int emulated_bounds_" + name + "() { return " + bounds + "; }\n";
  }
  return source;
}

std::string quoted(const std::filesystem::path& file) { return "'" + file.string() + "'"; }

}  // namespace

struct _hiprtcProgram {
  std::string source;
  std::string log;
  std::string code;
};

#pragma GCC visibility push(default)
extern "C" {

int hiprtcCreateProgram(_hiprtcProgram** program, const char* source, const char*, int,
                        const char**, const char**) {
  if (const int status = emulator::failureOf("hiprtcCreateProgram", 1)) return status;
  if (source == nullptr || program == nullptr) return invalidInput;
  *program = new _hiprtcProgram{editedSource(source, "HIP_EMULATOR_EDIT"), {}, {}};
  emulator::count(emulator::Object::program, 1);
  return 0;
}

int hiprtcCompileProgram(_hiprtcProgram* program, int count, const char** options) {
  std::string architecture;
  std::string defines;
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.rfind("--offload-arch=", 0) == 0) {
      architecture = option.substr(std::strlen("--offload-arch="));
    } else if (option.rfind("-D", 0) == 0) {
      defines += " '" + option + "'";
    } else if (option != "-O3" && option != "-ffp-contract=off" && option != "-w") {
      program->log = "unknown option " + option;
      return invalidOption;
    }
  }
  if (const int status = emulator::failureOf("hiprtcCompileProgram", compilation)) {
    program->log = "HIP_EMULATOR_FAIL asks for a failure";
    return status;
  }
  const TemporaryFolder folder;
  const std::string compiler =
      std::string(std::getenv("CXX") == nullptr ? "c++" : std::getenv("CXX")) +
      " -std=c++17 -O2 -march=native -ffp-contract=off -fPIC -w ";
  const auto run = [&](const std::string& arguments) {
    const int status =
        std::system((compiler + arguments + " 2>" + quoted(folder.file("log"))).c_str());
    program->log = contentOf(folder.file("log"));
    return status == 0;
  };
  std::ofstream(folder.file("kernel.cc"))
      << "#include " << HIP_EMULATOR_DEVICE_HEADER << "\n#line 1\n"
      << program->source;
  if (!run("-E" + defines + " " + quoted(folder.file("kernel.cc")) + " -o " +
           quoted(folder.file("kernel.ii"))))
    return compilation;
  std::ofstream(folder.file("entries.cc")) << withEntries(contentOf(folder.file("kernel.ii")));
  if (!run("-shared -Wl,-Bsymbolic " + quoted(folder.file("entries.cc")) + " -o " +
           quoted(folder.file("kernel.so"))))
    return compilation;
  program->code = emulator::encode(architecture, contentOf(folder.file("kernel.so")));
  return 0;
}

int hiprtcGetProgramLogSize(_hiprtcProgram* program, std::size_t* size) {
  if (const int status = emulator::failureOf("hiprtcGetProgramLogSize", 11)) return status;
  *size = program->log.size() + 1;
  return 0;
}

int hiprtcGetProgramLog(_hiprtcProgram* program, char* log) {
  if (const int status = emulator::failureOf("hiprtcGetProgramLog", 11)) return status;
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return 0;
}

int hiprtcGetCodeSize(_hiprtcProgram* program, std::size_t* size) {
  if (const int status = emulator::failureOf("hiprtcGetCodeSize", 11)) return status;
  *size = program->code.size();
  return 0;
}

int hiprtcGetCode(_hiprtcProgram* program, char* code) {
  if (const int status = emulator::failureOf("hiprtcGetCode", 11)) return status;
  std::memcpy(code, program->code.data(), program->code.size());
  return 0;
}

int hiprtcDestroyProgram(_hiprtcProgram** program) {
  delete *program;
  *program = nullptr;
  emulator::count(emulator::Object::program, -1);
  return emulator::failureOf("hiprtcDestroyProgram", 11);
}

}  // extern "C"
#pragma GCC visibility pop
