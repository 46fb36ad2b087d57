#pragma once

#include "stochastic.h"

// Stochastic steps over rows of any length, with θ in memory. The lines of a row that is due later
// are asked for all through the steps, half of them while dots are formed and half while θ moves:
// asked for at once they would keep each other waiting.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// What it does is said of ThetaInRegisters, in short.h.
template <typename T>
class ThetaInMemory {
 public:
  ThetaInMemory(T* theta, std::size_t columns) noexcept
      : theta_(theta),
        columns_(columns),
        lastPack_((columns - 1) / lanes<T> * lanes<T>),
        inRow_(firstLanes<T>(columns - lastPack_)) {}

  [[gnu::always_inline]] void multiply(const T* const (&row)[groupSteps<T>], const auto& rows,
                                       std::size_t i, GroupProducts<T>& products) const noexcept {
    Pack<T> x[groupSteps<T>];
    for (std::size_t j = 0; j < lastPack_; j += lanes<T>) {
      for (std::size_t k = 0; k < groupSteps<T>; ++k) {
        if (j % perFetch == 0) rows.fetchAfter(i + k, j / 2);
        x[k] = load(row[k] + j);
      }
      products.add(x, load(theta_ + j));
    }
    for (std::size_t k = 0; k < groupSteps<T>; ++k) x[k] = lastVector(row[k]);
    products.add(x, load(theta_ + lastPack_));
  }

  [[gnu::always_inline]] void move(const T* const (&row)[groupSteps<T>], const auto& rows,
                                   std::size_t i, Pack<T> factor,
                                   const Pack<T> (&shares)[groupSteps<T>]) noexcept {
    Pack<T> x[groupSteps<T>];
    for (std::size_t k = 0; k < groupSteps<T>; ++k) x[k] = lastVector(row[k]);
    moveAt(lastPack_, x, factor, shares);
    for (std::size_t j = 0; j < lastPack_; j += lanes<T>) {
      for (std::size_t k = 0; k < groupSteps<T>; ++k) {
        fetchWhileMoving(rows, i + k, j);
        x[k] = load(row[k] + j);
      }
      moveAt(j, x, factor, shares);
    }
  }

  using Row = const T*;
  [[nodiscard]] Row read(const T* row, const auto& /*rows*/, std::size_t /*i*/) const noexcept {
    return row;
  }

  [[gnu::always_inline]] Pack<T> dot(Row row, const auto& rows, std::size_t i) const noexcept {
    constexpr std::size_t together = 4;
    Pack<T> products[together] = {};
    std::size_t j = 0;
    for (; j + together * lanes<T> <= columns_; j += together * lanes<T>) {
      for (std::size_t p = 0; p < together; ++p) {
        if (p * lanes<T> % perFetch == 0) rows.fetchAfter(i, (j + p * lanes<T>) / 2);
        products[p] += load(row + j + p * lanes<T>) * load(theta_ + j + p * lanes<T>);
      }
    }
    // The last vector may reach past the row: θ's padding of zeros takes that out of the sum.
    for (; j < columns_; j += lanes<T>) products[0] += load(row + j) * load(theta_ + j);
    return (products[0] + products[1]) + (products[2] + products[3]);
  }

  [[gnu::always_inline]] void step(Row row, const auto& rows, std::size_t i, Pack<T> rate,
                                   const typename LaneMath<T>::Shrinkage& shrinkage) noexcept {
    for (std::size_t from = 0; from < lastPack_; from += perFetch) {
      rows.fetchAfter(i, (columns_ + from) / 2);
      for (std::size_t j = from; j < from + perFetch && j < lastPack_; j += lanes<T>)
        stepAt(j, load(row + j), rate, shrinkage);
    }
    stepAt(lastPack_, lastVector(row), rate, shrinkage);
  }

  void finish(const T* /*theta*/) const noexcept {}

 protected:
  /// A line of the row that is due later for so many columns of this one, in either loop.
  static constexpr std::size_t perFetch = 2 * lineColumns<T>;

  /// The half of the lines that dots leave to the loop over θ, at its column j.
  [[gnu::always_inline]] void fetchWhileMoving(const auto& rows, std::size_t i,
                                               std::size_t j) const noexcept {
    if (j % perFetch == 0) rows.fetchAfter(i, (columns_ + j) / 2);
  }

  /// What it reads past the row must reach neither other rows' products nor θ's padding.
  [[nodiscard]] Pack<T> lastVector(const T* row) const noexcept {
    return masked<T>(inRow_, load(row + lastPack_));
  }

  T* theta_;
  std::size_t columns_;
  std::size_t lastPack_;
  Whole<T> inRow_;

 private:
  [[gnu::always_inline]] void moveAt(std::size_t j, const Pack<T> (&x)[groupSteps<T>],
                                     Pack<T> factor,
                                     const Pack<T> (&shares)[groupSteps<T>]) noexcept {
    Pack<T> theta = load(theta_ + j) * factor;
    for (std::size_t k = 0; k < groupSteps<T>; ++k) theta -= shares[k] * x[k];
    store(theta_ + j, theta);
  }

  [[gnu::always_inline]] void stepAt(std::size_t j, Pack<T> x, Pack<T> rate,
                                     const typename LaneMath<T>::Shrinkage& shrinkage) noexcept {
    store(theta_ + j, stepped<T>(load(theta_ + j), x, rate, shrinkage));
  }
};

template <typename T>
void takeLongSteps(const Rows<T>& rows, const Objective& objective, const Steps<T>& steps) {
  withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
    takeSteps<ThetaInMemory<T>>(rows, objective, residualOf, steps);
  });
}

template <typename T>
constexpr StochasticSteps<T> longSteps{"long", areOfAnyLength<T>, takeLongSteps<T>};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
