#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace thalweg {

/// MT19937, the numbers of std::mt19937, a whole state at a time, which compilers turn into vector
/// loops. Source: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998).
class MersenneTwister {
  static constexpr std::size_t size = 624;

 public:
  /// The words of the generator, and how many numbers of those were taken.
  using State = std::array<std::uint32_t, size + 1>;

  explicit MersenneTwister(std::uint32_t seed) noexcept;
  /// Goes on from where another stood.
  explicit MersenneTwister(const State& state) noexcept;

  [[nodiscard]] State state() const noexcept;

  /// Numbers drawn and not taken; never empty.
  [[nodiscard]] std::span<const std::uint32_t> ready() {
    if (taken_ == size) draw();
    return std::span(drawn_).subspan(taken_);
  }
  void take(std::size_t count) noexcept { taken_ += count; }

 private:
  void draw() noexcept;

  std::array<std::uint32_t, size> state_{};
  std::array<std::uint32_t, size> drawn_{};
  std::size_t taken_ = size;
};

}  // namespace thalweg
