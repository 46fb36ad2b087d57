#pragma once

#include "stochastic.h"

// Stochastic steps over rows of a few vectors: how many is known at compile time, so that θ stays
// in registers from step to step.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <std::size_t vectors, typename T>
class ThetaInRegisters {
 public:
  ThetaInRegisters(const T* theta, std::size_t columns) noexcept
      : inRow_(firstLanes<T>(columns - (vectors - 1) * lanes<T>)) {
    for (std::size_t p = 0; p < vectors; ++p) theta_[p] = load(theta + p * lanes<T>);
  }

  /// Forms the products of a group of rows, from row i on.
  [[gnu::always_inline]] void multiply(const T* const (&row)[groupSteps<T>], const auto& rows,
                                       std::size_t i, GroupProducts<T>& products) const noexcept {
    // Not unrolled, the sums would not stay in registers.
#pragma GCC unroll 8
    for (std::size_t p = 0; p < vectors; ++p) {
      Pack<T> x[groupSteps<T>];
      for (std::size_t k = 0; k < groupSteps<T>; ++k) {
        if (beginsLine(p)) rows.fetchAfter(i + k, p * lanes<T>);
        x[k] = vector(row[k], p);
      }
      products.add(x, theta_[p]);
    }
  }

  /// θ ← factor·θ − Σ shares[k]·xₖ
  [[gnu::always_inline]] void move(const T* const (&row)[groupSteps<T>], const auto& /*rows*/,
                                   std::size_t /*i*/, Pack<T> factor,
                                   const Pack<T> (&shares)[groupSteps<T>]) noexcept {
#pragma GCC unroll 8
    for (std::size_t p = 0; p < vectors; ++p) {
      theta_[p] *= factor;
      for (std::size_t k = 0; k < groupSteps<T>; ++k) theta_[p] -= shares[k] * vector(row[k], p);
    }
  }

  /// The vectors of one row.
  struct Row {
    Pack<T> x[vectors];
  };
  [[gnu::always_inline]] Row read(const T* row, const auto& rows, std::size_t i) const noexcept {
    Row read;
    for (std::size_t p = 0; p < vectors; ++p) {
      if (beginsLine(p)) rows.fetchAfter(i, p * lanes<T>);
      read.x[p] = vector(row, p);
    }
    return read;
  }

  /// The lanes' parts of xᵀθ.
  [[nodiscard, gnu::always_inline]] Pack<T> dot(const Row& row, const auto& /*rows*/,
                                                std::size_t /*i*/) const noexcept {
    Pack<T> products[2] = {row.x[0] * theta_[0], {}};
    for (std::size_t p = 1; p < vectors; ++p) products[p % 2] += row.x[p] * theta_[p];
    return products[0] + products[1];
  }

  /// The step of one row, with rate·δ.
  [[gnu::always_inline]] void step(const Row& row, const auto& /*rows*/, std::size_t /*i*/,
                                   Pack<T> rate,
                                   const typename LaneMath<T>::Shrinkage& shrinkage) noexcept {
    for (std::size_t p = 0; p < vectors; ++p)
      theta_[p] = stepped<T>(theta_[p], row.x[p], rate, shrinkage);
  }

  void finish(T* theta) const noexcept {
    for (std::size_t p = 0; p < vectors; ++p) store(theta + p * lanes<T>, theta_[p]);
  }

 private:
  [[nodiscard]] static constexpr bool beginsLine(std::size_t p) noexcept {
    return p * lanes<T> % lineColumns<T> == 0;
  }

  /// What the last vector reads past the row must reach neither other rows' products nor θ's
  /// padding.
  [[nodiscard]] Pack<T> vector(const T* row, std::size_t p) const noexcept {
    const Pack<T> x = load(row + p * lanes<T>);
    return p + 1 < vectors ? x : masked<T>(inRow_, x);
  }

  Whole<T> inRow_;
  Pack<T> theta_[vectors];
};

template <typename T>
void takeShortSteps(const Rows<T>& rows, const Objective& objective, const Steps<T>& steps) {
  withResidualOf<T>(rows, objective, [&](const auto& residualOf) {
    withVectors<mostShortVectors, T>(rows.columns, [&](auto vectors) {
      takeSteps<ThetaInRegisters<vectors(), T>>(rows, objective, residualOf, steps);
    });
  });
}

template <typename T>
constexpr StochasticSteps<T> shortSteps{"short", areShort<T>, takeShortSteps<T>};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
