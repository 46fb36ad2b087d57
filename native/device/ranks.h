#pragma once

#include <cstddef>
#include <span>

namespace thalweg {

/// The processes that hold the rows of one problem together, each a share. All of them make the
/// same calls in the same order, and all get the same values, bit for bit. Throws Error rank where
/// another process has failed, or makes another call.
class Ranks {
 public:
  Ranks() = default;
  virtual ~Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  /// Of this process, from 0, and of how many.
  [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;

  /// Each value becomes the sum of those of all ranks, added in the order of ranks.
  virtual void sum(std::span<double> values) = 0;
  /// The largest of those of all ranks.
  [[nodiscard]] virtual double largest(double value) = 0;
};

}  // namespace thalweg
