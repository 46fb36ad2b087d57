#pragma once

#include "loops.h"
#include "pass.h"

// Rows of many vectors, four at a time: each vector of θ and of the gradient is loaded once for all
// of them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t shortTileBytes = 4096;
inline constexpr std::size_t rowsAtOnce = 4;

/// Of a run: it stays in the first-level cache beside what is asked for of the next, unless its
/// rows are longer.
inline constexpr std::size_t runBytes = 16384;

template <typename T>
class LongRows {
 public:
  /// A vector of rows where they are short, so that no lane of their residuals is idle, and else
  /// as few as come from all places.
  [[nodiscard]] std::size_t tileRows() const noexcept {
    const std::size_t wanted = shortTileBytes / (columns_ * sizeof(T)) / rowGroup<T> * rowGroup<T>;
    const std::size_t fit = wanted < mostRowsAtHand ? wanted : mostRowsAtHand;
    return fit < placesOfTiles ? placesOfTiles : fit;
  }

  /// `gradient` holds n elements plus slack; null where none is asked for.
  LongRows(const Parameters<T>& at, const Rows<T>& rows, T* gradient) noexcept
      : theta_(at.theta), intercept_(at.intercept), columns_(rows.columns), gradient_(gradient) {
    for (std::size_t j = 0; gradient_ != nullptr && j < columns_; ++j) gradient_[j] = 0;
  }

  /// Rows of a run: of neighbours none where tiles are quicker.
  template <typename Stream, bool /*longResiduals*/>
  [[nodiscard]] static std::size_t runRows(std::size_t columns) noexcept {
    const std::size_t rows = runBytes / (columns * sizeof(T)) / rowsAtOnce * rowsAtOnce;
    constexpr bool isQuicker = packBytes == lineBytes && Stream::reading == Reading::dotsAndSums;
    if (Stream::areNeighbours && !isQuicker) return 0;
    return rows < rowsAtOnce ? rowsAtOnce : rows < mostRowsAtHand ? rows : mostRowsAtHand;
  }

  template <typename Stream>
  [[gnu::always_inline]] void dots(const Stream& stream, T* z) const noexcept {
    std::size_t i = 0;
    for (; i + rowsAtOnce <= stream.count; i += rowsAtOnce) dotsOf<rowsAtOnce>(stream, i, z + i);
    for (; i < stream.count; ++i) dotsOf<1>(stream, i, z + i);
  }

  template <typename Stream>
  [[gnu::always_inline]] void accumulate(const Stream& stream, const T* delta) noexcept {
    std::size_t i = 0;
    for (; i + rowsAtOnce <= stream.count; i += rowsAtOnce) add<rowsAtOnce>(stream, i, delta + i);
    for (; i < stream.count; ++i) add<1>(stream, i, delta + i);
  }

  [[gnu::always_inline]] void flush(double* total) noexcept {
    for (std::size_t j = 0; j < columns_; ++j) {
      total[j] += static_cast<double>(gradient_[j]);
      gradient_[j] = 0;
    }
  }

 private:
  /// Asks for the lines that begin in so many vectors from column j on.
  template <std::size_t vectors>
  [[gnu::always_inline]] static void fetchLines(const T* row, std::size_t j) noexcept {
    constexpr std::size_t line = lineColumns<T>;
    if constexpr (vectors * lanes<T> % line == 0) {
      for (std::size_t k = 0; k < vectors * lanes<T>; k += line) __builtin_prefetch(row + j + k);
    } else {
      if (j % line == 0) __builtin_prefetch(row + j);
    }
  }

  /// Of the rows that follow, half are asked for while dots are formed, half while δ·x is added up.
  template <typename Stream>
  static constexpr bool isFetchedWithDots(std::size_t row) noexcept {
    if constexpr (Stream::asksAhead) return Stream::reading == Reading::dotsOnly || row % 2 == 0;
    return false;
  }

  /// Of a run, the rows that are asked for along with its own.
  template <std::size_t count>
  struct Following {
    const T* rows[count] = {};
  };
  template <std::size_t count, typename Stream>
  [[nodiscard]] static Following<count> followingOf(const Stream& stream,
                                                    std::size_t first) noexcept {
    Following<count> next;
    if constexpr (Stream::asksAhead) {
      for (std::size_t r = 0; r < count; ++r) next.rows[r] = stream.following(first + r);
    }
    return next;
  }

  template <std::size_t count, typename Stream>
  [[gnu::always_inline]] void dotsOf(const Stream& stream, std::size_t first, T* z) const noexcept {
    const T* rows[count];
    for (std::size_t r = 0; r < count; ++r) rows[r] = stream.row(first + r);
    const auto next = followingOf<count>(stream, first);
    Pack<T> even[count] = {};
    Pack<T> odd[count] = {};
    std::size_t j = 0;
    for (; j + 2 * lanes<T> <= columns_; j += 2 * lanes<T>) {
      const Pack<T> theta0 = load(theta_ + j);
      const Pack<T> theta1 = load(theta_ + j + lanes<T>);
      for (std::size_t r = 0; r < count; ++r) {
        if (isFetchedWithDots<Stream>(r)) fetchLines<2>(next.rows[r], j);
        even[r] += load(rows[r] + j) * theta0;
        odd[r] += load(rows[r] + j + lanes<T>) * theta1;
      }
    }
    // The last vectors may reach past the row: θ's padding of zeros takes what they find there out
    // of the sum.
    for (; j < columns_; j += lanes<T>) {
      const Pack<T> theta = load(theta_ + j);
      for (std::size_t r = 0; r < count; ++r) {
        if (isFetchedWithDots<Stream>(r)) fetchLines<1>(next.rows[r], j);
        even[r] += load(rows[r] + j) * theta;
      }
    }
    if constexpr (Stream::asksAhead) {
      // In vectors all the way: to load one of values that were just stored singly takes long.
      Pack<T> sums[(count + lanes<T> - 1) / lanes<T>] = {};
      for (std::size_t r = 0; r < count; ++r)
        sums[r / lanes<T>][r % lanes<T>] = sum<T>(even[r] + odd[r]) + intercept_;
      __builtin_memcpy(z, sums, sizeof sums);
    } else {
      for (std::size_t r = 0; r < count; ++r) z[r] = sum<T>(even[r] + odd[r]) + intercept_;
    }
  }

  /// gradient += Σ δᵣ·xᵣ over `count` rows, from the last column on: of rows that are larger than
  /// the cache, that is what the dots have left there. Writes past `columns` into the padding.
  template <std::size_t count, typename Stream>
  [[gnu::always_inline]] void add(const Stream& stream, std::size_t first,
                                  const T* delta) noexcept {
    const T* rows[count];
    for (std::size_t r = 0; r < count; ++r) rows[r] = stream.row(first + r);
    const auto next = followingOf<count>(stream, first);
    for (std::size_t pack = (columns_ + lanes<T> - 1) / lanes<T>; pack-- > 0;) {
      const std::size_t j = pack * lanes<T>;
      Pack<T> sum = load(gradient_ + j);
      for (std::size_t r = 0; r < count; ++r) {
        if (Stream::asksAhead && !isFetchedWithDots<Stream>(r)) fetchLines<1>(next.rows[r], j);
        sum += load(rows[r] + j) * delta[r];
      }
      store(gradient_ + j, sum);
    }
  }

  const T* theta_;
  const T& intercept_;  ///< read where it is needed: in a register it would drive a row's dot out
  std::size_t columns_;
  T* gradient_;
};

template <typename T>
double longGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                    T* scratch, double* gradient, double* interceptGradient) {
  using Kind = LongRows<T>;
  return withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
    if (rows.indices) {
      return gradientOfIndexed<Kind>(rows, at, residualOf, scratch, gradient, interceptGradient);
    }
    return gradientOfNeighbours<Kind>(rows, at, objective, residualOf, scratch, gradient,
                                      interceptGradient);
  });
}

template <typename T>
double longLoss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  using Kind = LongRows<T>;
  return withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
    return rows.indices ? lossOfIndexed<Kind>(rows, at, residualOf)
                        : lossOfNeighbours<Kind>(rows, at, objective, residualOf);
  });
}

template <typename T>
constexpr Pass<T> longPass{"long", areOfAnyLength<T>, longGradient<T>, longLoss<T>,
                           outputsOfNeighbours<LongRows<T>, T>};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
