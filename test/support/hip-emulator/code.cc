#include "code.h"

#include <cstdint>
#include <cstring>

namespace emulator {
namespace {

struct Header {
  char magic[8];
  char architecture[64];
  std::uint64_t bytes;
};
constexpr char magic[8] = {'H', 'I', 'P', 'E', 'M', 'U', '0', '1'};

}  // namespace

std::string encode(const std::string& architecture, const std::string& library) {
  Header header{};
  std::memcpy(header.magic, magic, sizeof magic);
  architecture.copy(header.architecture, sizeof header.architecture - 1);
  header.bytes = library.size();
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + library;
}

Decoded decode(const void* image, const std::string& architecture, std::string& library) {
  Header header;
  std::memcpy(&header, image, sizeof header);
  if (std::memcmp(header.magic, magic, sizeof magic) != 0) return Decoded::nothing;
  if (architecture != header.architecture) return Decoded::otherArchitecture;
  library.assign(static_cast<const char*>(image) + sizeof header, header.bytes);
  return Decoded::code;
}

}  // namespace emulator
