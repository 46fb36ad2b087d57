#include "builds.h"

#include <cstdlib>
#include <sstream>
#include <vector>

namespace thalweg::opencl::faults {
namespace {

std::vector<BuildFault> faultsAsked() {
  std::vector<BuildFault> faults;
  const char* const asked = std::getenv("OPENCL_FAULTS_BUILDS");
  std::istringstream text(asked == nullptr ? "" : asked);
  for (std::string each; std::getline(text, each, ';');) {
    const std::size_t space = each.find(' ');
    const std::string answer = each.substr(space + 1);
    BuildFault fault{each.substr(0, space), {}};
    if (answer != "wrong") fault.status = std::stoi(answer);
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace

std::optional<BuildFault> buildFaultOf(const char* options) {
  static const std::vector<BuildFault> faults = faultsAsked();
  const std::string words = std::string(options == nullptr ? "" : options) + " ";
  for (const BuildFault& fault : faults) {
    if (words.find(fault.option + " ") != std::string::npos) return fault;
  }
  return std::nullopt;
}

std::string withMoreOptions(const char* options) {
  const char* const more = std::getenv("OPENCL_FAULTS_OPTIONS");
  return std::string(options == nullptr ? "" : options) + (more == nullptr ? "" : " ") +
         (more == nullptr ? "" : more);
}

std::string miscompiling(const char* options) {
  // PoCL has builtins under names of its own.
  return std::string(options) + " -Dfma=mix -D_cl_fma=_cl_mix";
}

}  // namespace thalweg::opencl::faults
