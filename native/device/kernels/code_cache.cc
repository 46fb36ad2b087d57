#include "code_cache.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>

namespace thalweg::kernels {
namespace {

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

std::filesystem::path CodeCache::fileOf(const std::string& key) const {
  const auto bytes = std::as_bytes(std::span(key));
  return folder_ / (hexadecimal(hashOf(bytes, 0)) + hexadecimal(hashOf(bytes, 1)) + ".code");
}

std::optional<std::vector<std::byte>> CodeCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(fileOf(key), std::ios::binary | std::ios::ate);
  if (!file) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (size <= sizeof(Header) + key.size()) return std::nullopt;
  std::vector<std::byte> content(size);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size));
  if (!file) return std::nullopt;

  const auto code = std::span(content).subspan(sizeof(Header) + key.size());
  const Header expected = headerOf(key, code);
  if (std::memcmp(content.data(), &expected, sizeof expected) != 0 ||
      std::memcmp(content.data() + sizeof expected, key.data(), key.size()) != 0) {
    return std::nullopt;
  }
  return std::vector<std::byte>(code.begin(), code.end());
}

void CodeCache::keep(const std::string& key, std::span<const std::byte> code) const noexcept {
  if (folder_.empty() || code.empty()) return;
  static std::atomic<unsigned long> count{0};
  try {
    std::filesystem::create_directories(folder_);
    const std::filesystem::path target = fileOf(key);
    std::filesystem::path written = target;
    for (const unsigned long part : {static_cast<unsigned long>(getpid()), count++}) {
      written += '.';
      written += std::to_string(part);
    }
    const Header header = headerOf(key, code);
    std::ofstream file(written, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file.write(key.data(), static_cast<std::streamsize>(key.size()));
    file.write(reinterpret_cast<const char*>(code.data()),
               static_cast<std::streamsize>(code.size()));
    file.close();
    std::error_code ignored;
    if (file) std::filesystem::rename(written, target, ignored);
    if (!file || ignored) std::filesystem::remove(written, ignored);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see the class
  }
}

void CodeCache::forget(const std::string& key) const noexcept {
  if (folder_.empty()) return;
  try {
    std::error_code ignored;
    std::filesystem::remove(fileOf(key), ignored);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): see the class
  }
}

}  // namespace thalweg::kernels
