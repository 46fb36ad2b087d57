#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace thalweg {

/// A number that tells whether bytes are those that were written: any change within eight of them
/// changes it for certain, others but for one case in 2⁶⁴. At the speed of a processor's caches; no
/// guard against who changes them on purpose. Of whole words of 8 bytes.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes) noexcept;

}  // namespace thalweg
