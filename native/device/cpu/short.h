#pragma once

#include "run_of_rows.h"

// Rows of a few vectors: how many is known at compile time, so that θ and the gradient stay in
// registers, and the lanes of as many rows as a vector has lanes are added up together.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t mostShortPacks = 8;

/// The same for runs: AVX-512 has twice as many registers.
inline constexpr std::size_t mostShortPacksInRuns = packBytes == lineBytes ? 16 : mostShortPacks;

template <std::size_t packs, typename T>
class ShortRows {
 public:
  [[nodiscard]] static std::size_t tileRows() noexcept { return maxTileRows; }

  /// Rows of a run. Of few the processor has the next ones under way before it is done with them;
  /// of many it has the residuals of several vectors side by side, which matters where they take
  /// longer than to read their rows.
  template <typename Run, bool longResiduals>
  [[nodiscard]] static constexpr std::size_t runRows(std::size_t /*columns*/) noexcept {
    if (longResiduals && packBytes < lineBytes) return maxTileRows;
    return packs <= mostShortPacks ? 2 * lanes<T> : lanes<T>;
  }

  ShortRows(const Parameters<T>& at, const Rows<T>& rows, T* /*gradient*/) noexcept
      : columns_(rows.columns), intercept_(at.intercept) {
    for (std::size_t p = 0; p < packs; ++p) theta_[p] = load(at.theta + p * lanes<T>);
  }

  /// Of a tile, or of whole vectors of rows of a run.
  template <typename Source>
  [[gnu::always_inline]] void dots(const Source& source, T* z) const noexcept {
    for (std::size_t i = 0; i < source.count; i += lanes<T>) {
      Pack<T> products[lanes<T>];
      for (std::size_t r = 0; r < lanes<T>; ++r) {
        const T* row = source.row(i + r);
        if constexpr (isRun<Source, T>) fetchWithDots<Source>(source.following(i + r), r);
        products[r] = load(row) * theta_[0];
        for (std::size_t p = 1; p < packs; ++p) products[r] += load(row + p * lanes<T>) * theta_[p];
      }
      store(z + i, sumsOf<T>(products) + intercept_);
    }
  }

  [[gnu::always_inline]] void accumulate(const Tile<T>& tile, const T* delta) noexcept {
    add(tile, delta, [](std::size_t, std::size_t) {});
  }

  template <typename Run>
  [[gnu::always_inline]] void accumulate(const Run& run, const T* delta) noexcept {
    add(
        run, delta, [&](std::size_t i, std::size_t l) __attribute__((always_inline)) {
          const T* row = run.following(i);
          if (!isFetchedWithDots(l, i)) __builtin_prefetch(row + l * line);
          // A row that begins within a line ends in one more than it fills.
          if (!Run::areNeighbours && l == 0) __builtin_prefetch(row + packs * lanes<T> - 1);
        });
  }

  [[gnu::always_inline]] void flush(double* total) noexcept {
    for (std::size_t way = 1; way < ways; ++way) {
      for (std::size_t p = 0; p < packs; ++p) gradient_[0][p] += gradient_[way][p];
    }
    T values[packs * lanes<T>];
    for (std::size_t p = 0; p < packs; ++p) store(values + p * lanes<T>, gradient_[0][p]);
    for (std::size_t j = 0; j < columns_; ++j) total[j] += static_cast<double>(values[j]);
    for (auto& sums : gradient_) {
      for (Pack<T>& sum : sums) sum = Pack<T>{};
    }
  }

 private:
  /// So many sums side by side, so that an addition need not wait for the last.
  static constexpr std::size_t mostWays = packs == 1 ? 4 : packs <= 3 ? 2 : 1;
  static constexpr std::size_t ways = mostWays < lanes<T> ? mostWays : lanes<T>;

  static constexpr std::size_t line = lineBytes / sizeof(T);
  static constexpr std::size_t lines = (packs * packBytes + lineBytes - 1) / lineBytes;

  template <typename Run>
  [[gnu::always_inline]] static void fetchWithDots(const T* row, std::size_t number) noexcept {
    constexpr bool all = Run::reading == Reading::dotsOnly;
    for (std::size_t l = 0; l < lines; ++l) {
      if (all || isFetchedWithDots(l, number)) __builtin_prefetch(row + l * line);
    }
    if (all && !Run::areNeighbours) __builtin_prefetch(row + packs * lanes<T> - 1);
  }

  /// Of every row some lines, or of every second row its only one.
  static constexpr bool isFetchedWithDots(std::size_t l, std::size_t row) noexcept {
    return lines > 1 ? l < lines / 2 : row % 2 == 0;
  }

  /// `fetch` is told of each line of each row. δ is 0 past the last.
  template <typename Source, typename Fetch>
  [[gnu::always_inline]] void add(const Source& source, const T* delta,
                                  const Fetch& fetch) noexcept {
    // Unrolled, the loop would take each δ out of a register with a shuffle, not from memory.
#pragma GCC unroll 1
    for (std::size_t i = 0; i < source.count; i += ways) {
      for (std::size_t way = 0; way < ways; ++way) {
        for (std::size_t p = 0; p < packs; ++p) {
          gradient_[way][p] += load(source.row(i + way) + p * lanes<T>) * delta[i + way];
          if (p * lanes<T> % line == 0) fetch(i + way, p * lanes<T> / line);
        }
      }
    }
  }

  Pack<T> theta_[packs];
  Pack<T> gradient_[ways][packs] = {};
  std::size_t columns_;
  T intercept_;
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
