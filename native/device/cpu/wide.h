#pragma once

#include "tile.h"

// Rows of many vectors, four at a time: each vector of θ and of the gradient is loaded once for all
// of them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t shortTileBytes = 4096;

template <typename T>
class WideRows {
 public:
  /// A vector of rows where they are short, so that no lane of their residuals is idle, and else
  /// as few as keep the streams.
  [[nodiscard]] std::size_t tileRows() const noexcept {
    const std::size_t wanted = shortTileBytes / (columns_ * sizeof(T)) / rowGroup<T> * rowGroup<T>;
    const std::size_t fit = wanted < maxTileRows ? wanted : maxTileRows;
    return fit < streams ? streams : fit;
  }

  /// `gradient` holds n elements plus slack; null where none is asked for.
  WideRows(const Parameters<T>& at, const Rows<T>& rows, T* gradient) noexcept
      : at_(at), columns_(rows.columns), gradient_(gradient) {
    for (std::size_t j = 0; gradient_ != nullptr && j < columns_; ++j) gradient_[j] = 0;
  }

  void dots(const Tile<T>& tile, T* z) const noexcept {
    std::size_t i = 0;
    for (; i + 4 <= tile.count; i += 4) dotsOf<4>(tile.rows + i, z + i);
    for (; i < tile.count; ++i) dotsOf<1>(tile.rows + i, z + i);
  }

  /// Rows this long the processor fetches ahead by itself, wherever they are.
  void accumulate(const Tile<T>& tile, const T* delta, const Tile<T>& /*next*/) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= tile.count; i += 4) add<4>(tile.rows + i, delta + i);
    for (; i < tile.count; ++i) add<1>(tile.rows + i, delta + i);
  }

  void flush(double* total) noexcept {
    for (std::size_t j = 0; j < columns_; ++j) {
      total[j] += static_cast<double>(gradient_[j]);
      gradient_[j] = 0;
    }
  }

 private:
  template <std::size_t count>
  void dotsOf(const T* const* rows, T* z) const noexcept {
    Pack<T> even[count] = {};
    Pack<T> odd[count] = {};
    std::size_t j = 0;
    for (; j + 2 * lanes<T> <= columns_; j += 2 * lanes<T>) {
      const Pack<T> theta0 = load(at_.theta + j);
      const Pack<T> theta1 = load(at_.theta + j + lanes<T>);
      for (std::size_t r = 0; r < count; ++r) {
        even[r] += load(rows[r] + j) * theta0;
        odd[r] += load(rows[r] + j + lanes<T>) * theta1;
      }
    }
    // The last vectors may reach past the row: θ's padding of zeros takes what they find there out
    // of the sum.
    for (; j < columns_; j += lanes<T>) {
      const Pack<T> theta = load(at_.theta + j);
      for (std::size_t r = 0; r < count; ++r) even[r] += load(rows[r] + j) * theta;
    }
    for (std::size_t r = 0; r < count; ++r) z[r] = sum<T>(even[r] + odd[r]) + at_.intercept;
  }

  /// gradient += Σ δᵣ·xᵣ over `count` rows, from the last column on: of rows that are larger than
  /// the cache, that is what the dots have left there. Writes past `columns` into the padding.
  template <std::size_t count>
  void add(const T* const* rows, const T* delta) noexcept {
    for (std::size_t pack = (columns_ + lanes<T> - 1) / lanes<T>; pack-- > 0;) {
      const std::size_t j = pack * lanes<T>;
      Pack<T> sum = load(gradient_ + j);
      for (std::size_t r = 0; r < count; ++r) sum += load(rows[r] + j) * delta[r];
      store(gradient_ + j, sum);
    }
  }

  const Parameters<T>& at_;
  std::size_t columns_;
  T* gradient_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
