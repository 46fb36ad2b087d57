#include "mersenne_twister.h"

#include <algorithm>

namespace thalweg {
namespace {

constexpr std::size_t shift = 397;

constexpr std::uint32_t twist(std::uint32_t high, std::uint32_t low, std::uint32_t far) noexcept {
  const std::uint32_t joined = (high & 0x80000000U) | (low & 0x7fffffffU);
  return far ^ (joined >> 1U) ^ ((0U - (joined & 1U)) & 0x9908b0dfU);
}

constexpr std::uint32_t temper(std::uint32_t value) noexcept {
  value ^= value >> 11U;
  value ^= (value << 7U) & 0x9d2c5680U;
  value ^= (value << 15U) & 0xefc60000U;
  return value ^ (value >> 18U);
}

}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) noexcept {
  state_[0] = seed;
  for (std::uint32_t i = 1; i < size; ++i) {
    const std::uint32_t before = state_[i - 1];
    state_[i] = 1812433253U * (before ^ (before >> 30U)) + i;
  }
}

MersenneTwister::MersenneTwister(const State& state) noexcept
    : taken_(std::min<std::size_t>(state[size], size)) {
  std::copy_n(state.begin(), size, state_.begin());
  for (std::size_t k = 0; k < size; ++k) drawn_[k] = temper(state_[k]);
}

MersenneTwister::State MersenneTwister::state() const noexcept {
  State state{};
  std::copy_n(state_.begin(), size, state.begin());
  state[size] = static_cast<std::uint32_t>(taken_);
  return state;
}

void MersenneTwister::draw() noexcept {
  std::uint32_t* state = state_.data();
  for (std::size_t k = 0; k < size - shift; ++k)
    state[k] = twist(state[k], state[k + 1], state[k + shift]);
  for (std::size_t k = size - shift; k < size - 1; ++k)
    state[k] = twist(state[k], state[k + 1], state[k + shift - size]);
  state[size - 1] = twist(state[size - 1], state[0], state[shift - 1]);
  for (std::size_t k = 0; k < size; ++k) drawn_[k] = temper(state[k]);
  taken_ = 0;
}

}  // namespace thalweg
