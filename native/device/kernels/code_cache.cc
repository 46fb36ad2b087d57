#include "code_cache.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "../../private_folder.h"

namespace thalweg::kernels {
namespace {

/// A driver's code for one program stays far below.
constexpr std::uint64_t largestEntry = 1U << 30U;

constexpr std::array<char, 8> magic{'t', 'h', 'a', 'l', 'w', 'e', 'g', '1'};

/// FNV-1a, 64 bits.
std::uint64_t hashOf(std::span<const std::byte> bytes, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325U ^ seed;
  for (const std::byte byte : bytes) {
    hash ^= static_cast<std::uint64_t>(byte);
    hash *= 0x100000001b3U;
  }
  return hash;
}

std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; value >>= 4U)
    text[i] = "0123456789abcdef"[value & 15U];
  return text;
}

/// What stands before the payload of a file; the key follows it.
struct Header {
  std::array<char, 8> magic;
  std::uint64_t keyBytes;
  std::uint64_t codeBytes;
  std::uint64_t codeHash;
};

Header headerOf(const std::string& key, std::span<const std::byte> code) {
  return {magic, key.size(), code.size(), hashOf(code, 0)};
}

}  // namespace

std::string CodeCache::nameOf(const std::string& key) {
  const auto bytes = std::as_bytes(std::span(key));
  return hexadecimal(hashOf(bytes, 0)) + hexadecimal(hashOf(bytes, 1)) + ".code";
}

std::optional<std::vector<std::byte>> CodeCache::find(const std::string& key) const {
  if (!isOn()) return std::nullopt;
  const auto content = PrivateFolder(folder_).read(nameOf(key), largestEntry).content;
  if (!content || content->size() <= sizeof(Header) + key.size()) return std::nullopt;
  const auto code = std::span(*content).subspan(sizeof(Header) + key.size());
  const Header expected = headerOf(key, code);
  if (std::memcmp(content->data(), &expected, sizeof expected) != 0 ||
      std::memcmp(content->data() + sizeof expected, key.data(), key.size()) != 0) {
    return std::nullopt;
  }
  return std::vector<std::byte>(code.begin(), code.end());
}

void CodeCache::keep(const std::string& key, std::span<const std::byte> code) const noexcept {
  if (!isOn() || code.empty()) return;
  try {
    const Header header = headerOf(key, code);
    std::vector<std::byte> content;
    content.reserve(sizeof header + key.size() + code.size());
    const auto append = [&](std::span<const std::byte> part) {
      content.insert(content.end(), part.begin(), part.end());
    };
    append(std::as_bytes(std::span(&header, 1)));
    append(std::as_bytes(std::span(key)));
    append(code);
    std::ignore = PrivateFolder(folder_, true).write(nameOf(key), content);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see the class
  }
}

void CodeCache::forget(const std::string& key) const noexcept {
  try {
    if (isOn()) PrivateFolder(folder_).remove(nameOf(key));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see the class
  }
}

}  // namespace thalweg::kernels
