#pragma once

#include <cstdlib>
#include <string>

/// A kernel's source made wrong on purpose: `variable` of the environment holds what is replaced,
/// wherever it stands, a record separator (\x1e), and what takes its place. A source without it
/// stays.
inline std::string editedSource(std::string source, const char* variable) {
  const char* const edit = std::getenv(variable);
  if (edit == nullptr) return source;
  const std::string text(edit);
  const std::size_t separator = text.find('\x1e');
  if (separator == std::string::npos || separator == 0) std::abort();
  const std::string from = text.substr(0, separator);
  const std::string to = text.substr(separator + 1);
  for (std::size_t at = source.find(from); at != std::string::npos;
       at = source.find(from, at + to.size())) {
    source.replace(at, from.size(), to);
  }
  return source;
}
