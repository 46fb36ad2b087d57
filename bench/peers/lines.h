// Requests of the harness as lines of JSON whose values are numbers and strings without escapes,
// which is all it sends.
#pragma once
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// A value of a request by its name, as text; numbers are for std::stod.
inline std::string field(const std::string& line, const std::string& name) {
  const std::string key = '"' + name + "\":";
  std::size_t at = line.find(key);
  if (at == std::string::npos) throw std::runtime_error("the request has no " + name);
  at += key.size();
  if (line[at] == '"') return line.substr(at + 1, line.find('"', at + 1) - at - 1);
  return line.substr(at, line.find_first_of(",}", at) - at);
}

inline std::size_t size(const std::string& line, const std::string& name) {
  return static_cast<std::size_t>(std::stod(field(line, name)));
}

/// The first bytes of a file.
inline void readFile(const std::string& file, void* to, std::size_t bytes) {
  std::ifstream stream(file, std::ios::binary);
  stream.read(static_cast<char*>(to), static_cast<std::streamsize>(bytes));
  if (!stream) throw std::runtime_error("cannot read " + file);
}

}  // namespace bench
