#pragma once

#include "tile.h"

// Rows of a few vectors: how many is known at compile time, so that θ and the gradient stay in
// registers, and the lanes of as many rows as a vector has lanes are added up together.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostShortPacks = 8;

template <std::size_t packs, typename T>
class ShortRows {
 public:
  [[nodiscard]] static std::size_t tileRows() noexcept { return maxTileRows; }

  ShortRows(const Parameters<T>& at, const Rows<T>& rows) noexcept
      : columns_(rows.columns), gathered_(rows.indices != nullptr), intercept_(at.intercept) {
    for (std::size_t p = 0; p < packs; ++p) theta_[p] = load(at.theta + p * lanes<T>);
  }

  void dots(const Tile<T>& tile, T* z) const noexcept {
    for (std::size_t i = 0; i < tile.count; i += lanes<T>) {
      Pack<T> products[lanes<T>];
      for (std::size_t r = 0; r < lanes<T>; ++r) {
        products[r] = load(tile.rows[i + r]) * theta_[0];
        for (std::size_t p = 1; p < packs; ++p)
          products[r] += load(tile.rows[i + r] + p * lanes<T>) * theta_[p];
      }
      store(z + i, sumsOf<T>(products) + intercept_);
    }
  }

  /// Adds δ·x of a tile's rows; has those of the next fetched.
  void accumulate(const Tile<T>& tile, const T* delta, const Tile<T>& next) noexcept {
    if (gathered_) {
      add<true>(tile, delta, next);
    } else {
      add<false>(tile, delta, next);
    }
  }

  void flush(double* total) noexcept {
    for (std::size_t j = 0; j < columns_; ++j)
      total[j] += static_cast<double>(gradient_[j / lanes<T>][j % lanes<T>]);
    for (std::size_t p = 0; p < packs; ++p) gradient_[p] = Pack<T>{};
  }

 private:
  template <bool fetchNext>
  void add(const Tile<T>& tile, const T* delta, const Tile<T>& next) noexcept {
    // Sums side by side, so that an addition need not wait for the last. δ is 0 past `count`.
    constexpr std::size_t most = packs == 1 ? 4 : packs <= 3 ? 2 : 1;
    constexpr std::size_t ways = most < lanes<T> ? most : lanes<T>;
    Pack<T> gradient[ways][packs] = {};
    for (std::size_t i = 0; i < tile.count; i += ways) {
      for (std::size_t way = 0; way < ways; ++way) {
        for (std::size_t p = 0; p < packs; ++p) {
          gradient[way][p] += load(tile.rows[i + way] + p * lanes<T>) * delta[i + way];
          if (fetchNext && p * packBytes % 64 == 0)
            __builtin_prefetch(next.rows[i + way] + p * lanes<T>);
        }
      }
    }
    for (std::size_t way = 0; way < ways; ++way) {
      for (std::size_t p = 0; p < packs; ++p) gradient_[p] += gradient[way][p];
    }
  }

  Pack<T> theta_[packs];
  Pack<T> gradient_[packs] = {};
  std::size_t columns_;
  bool gathered_;
  T intercept_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
