#pragma once

#include "loops.h"
#include "pass.h"

// Rows of a few vectors: how many is known at compile time, so that θ and the gradient stay in
// registers, and the lanes of as many rows as a vector has lanes are added up together.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <std::size_t packs, typename T>
class ShortRows {
 public:
  /// With neighbours, which need fewer registers than rows in an order of their own.
  static constexpr LogLoss logLoss = packs > mostShortVectors ? LogLoss::called : LogLoss::inlined;

  [[nodiscard]] static std::size_t tileRows() noexcept { return mostRowsAtHand; }

  /// Rows of a run. Of few the processor has the next ones under way before it is done with them;
  /// of many it has the residuals of several vectors side by side, which matters where they take
  /// longer than to read their rows.
  template <typename Stream, bool longResiduals>
  [[nodiscard]] static constexpr std::size_t runRows(std::size_t /*columns*/) noexcept {
    if (longResiduals && packBytes < lineBytes) return mostRowsAtHand;
    return packs <= mostShortVectors ? 2 * lanes<T> : lanes<T>;
  }

  ShortRows(const Parameters<T>& at, const Rows<T>& rows, T* /*gradient*/) noexcept
      : columns_(rows.columns), intercept_(at.intercept) {
    for (std::size_t p = 0; p < packs; ++p) theta_[p] = load(at.theta + p * lanes<T>);
  }

  /// Of whole vectors of rows.
  template <typename Stream>
  [[gnu::always_inline]] void dots(const Stream& stream, T* z) const noexcept {
    for (std::size_t i = 0; i < stream.count; i += lanes<T>) {
      Pack<T> products[lanes<T>];
      for (std::size_t r = 0; r < lanes<T>; ++r) {
        const T* row = stream.row(i + r);
        if constexpr (Stream::asksAhead) fetchWithDots<Stream>(stream.following(i + r), r);
        products[r] = load(row) * theta_[0];
        for (std::size_t p = 1; p < packs; ++p) products[r] += load(row + p * lanes<T>) * theta_[p];
      }
      store(z + i, sumsOf<T>(products) + intercept_);
    }
  }

  template <typename Stream>
  [[gnu::always_inline]] void accumulate(const Stream& stream, const T* delta) noexcept {
    if constexpr (Stream::asksAhead) {
      add(
          stream, delta, [&](std::size_t i, std::size_t l) __attribute__((always_inline)) {
            const T* row = stream.following(i);
            if (!isFetchedWithDots(l, i)) __builtin_prefetch(row + l * line);
            // A row that begins within a line ends in one more than it fills.
            if (!Stream::areNeighbours && l == 0) __builtin_prefetch(row + packs * lanes<T> - 1);
          });
    } else {
      add(stream, delta, [](std::size_t, std::size_t) {});
    }
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

  static constexpr std::size_t line = lineColumns<T>;
  static constexpr std::size_t lines = (packs * packBytes + lineBytes - 1) / lineBytes;

  template <typename Stream>
  [[gnu::always_inline]] static void fetchWithDots(const T* row, std::size_t number) noexcept {
    constexpr bool all = Stream::reading == Reading::dotsOnly;
    for (std::size_t l = 0; l < lines; ++l) {
      if (all || isFetchedWithDots(l, number)) __builtin_prefetch(row + l * line);
    }
    if (all && !Stream::areNeighbours) __builtin_prefetch(row + packs * lanes<T> - 1);
  }

  /// Of every row some lines, or of every second row its only one.
  static constexpr bool isFetchedWithDots(std::size_t l, std::size_t row) noexcept {
    return lines > 1 ? l < lines / 2 : row % 2 == 0;
  }

  /// `fetch` is told of each line of each row. δ is 0 past the last.
  template <typename Stream, typename Fetch>
  [[gnu::always_inline]] void add(const Stream& stream, const T* delta,
                                  const Fetch& fetch) noexcept {
    // Unrolled, the loop would take each δ out of a register with a shuffle, not from memory.
#pragma GCC unroll 1
    for (std::size_t i = 0; i < stream.count; i += ways) {
      for (std::size_t way = 0; way < ways; ++way) {
        for (std::size_t p = 0; p < packs; ++p) {
          gradient_[way][p] += load(stream.row(i + way) + p * lanes<T>) * delta[i + way];
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

/// Calls `use` with the kind of rows, of up to `most` vectors, as a type.
template <std::size_t most, typename T, typename Use>
auto withShortRows(const Rows<T>& rows, const Use& use) {
  return withVectors<most, T>(rows.columns, [&](auto vectors) {
    return use(std::type_identity<ShortRows<vectors(), T>>{});
  });
}

template <typename T>
double shortGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                     T* scratch, double* gradient, double* interceptGradient) {
  if (rows.indices) {
    return withShortRows<mostShortVectors>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
      return withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
        return gradientOfIndexed<Kind>(rows, at, residualOf, scratch, gradient, interceptGradient);
      });
    });
  }
  return withShortRows<mostShortVectorsInRuns>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
    return withResidualOf<T, Kind::logLoss>(rows, objective, [&](const auto& residualOf) {
      return gradientOfNeighbours<Kind>(rows, at, objective, residualOf, scratch, gradient,
                                        interceptGradient);
    });
  });
}

template <typename T>
double shortLoss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective) {
  if (rows.indices) {
    return withShortRows<mostShortVectors>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
      return withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
        return lossOfIndexed<Kind>(rows, at, residualOf);
      });
    });
  }
  return withShortRows<mostShortVectorsInRuns>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
    return withResidualOf<T, Kind::logLoss>(rows, objective, [&](const auto& residualOf) {
      return lossOfNeighbours<Kind>(rows, at, objective, residualOf);
    });
  });
}

template <typename T>
void shortOutputs(const Rows<T>& rows, const Parameters<T>& at, Activation activation,
                  double* outputs) {
  withShortRows<mostShortVectors>(rows, [&]<typename Kind>(std::type_identity<Kind>) {
    outputsOfNeighbours<Kind>(rows, at, activation, outputs);
  });
}

template <typename T>
constexpr Pass<T> shortPass{"short", areShort<T>, shortGradient<T>, shortLoss<T>, shortOutputs<T>};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
