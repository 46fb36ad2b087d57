#include "queue.h"

#include "../kernels/embedded.h"

namespace thalweg::drivers {

std::string DriverQueue::Source::optionsText() const {
  std::string line;
  for (const std::string& option : options) line += (line.empty() ? "" : " ") + option;
  return line;
}

std::unique_ptr<kernels::Program> DriverQueue::compile(std::span<const std::string_view> files,
                                                       std::span<const std::string> defines) {
  Source source{std::string(files.back()), std::string(kernelSource(compiler_.prelude)),
                compiler_.options};
  for (const std::string_view file : files) source.text += kernelSource(file);
  for (const std::string& define : defines) source.options.push_back("-D" + define);

  const std::string key = compiler_.identity + "\n" + source.optionsText() + "\n" + source.text;
  if (const auto kept = cache_.find(key)) {
    if (auto program = load(*kept, source)) return program;
    cache_.forget(key);
  }
  Built built = build(source, cache_.isOn());
  if (!built.code.empty()) cache_.keep(key, built.code);
  return std::move(built.program);
}

}  // namespace thalweg::drivers
