#pragma once

#include "residual_sums.h"

// Residuals and outputs of many rows, with the activation and the loss chosen once for all of them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
using ResidualOfPack = Residual<T> (*)(Pack<T> z, Pack<T> y);

/// The instance for this objective, from these codes up.
template <typename T, std::size_t activation = 0, std::size_t loss = 0>
ResidualOfPack<T> residualOf(const Objective& objective) noexcept {
  if constexpr (activation + 1 < activationTable.size()) {
    if (objective.activation != activationTable[activation].value)
      return residualOf<T, activation + 1>(objective);
  }
  if constexpr (loss + 1 < lossTable.size()) {
    if (objective.loss != lossTable[loss].value)
      return residualOf<T, activation, loss + 1>(objective);
  }
  return residual<activationTable[activation].value, lossTable[loss].value, T>;
}

/// Those of a linear neuron with squared loss: the pair that takes no longer than to read its rows.
template <typename T>
struct LinearResidual {
  Residual<T> operator()(Pack<T> z, Pack<T> y) const noexcept {
    return residual<Activation::linear, Loss::squared, T>(z, y);
  }
};

/// Those of the log loss with the logarithm of each row.
template <typename T>
struct WholeLogResidual {
  Residual<T> operator()(Pack<T> z, Pack<T> y) const noexcept {
    return residual<Activation::sigmoid, Loss::log, T>(z, y);
  }
};

/// Whether it is that pair, weighted or not.
template <typename T, typename ResidualOf>
inline constexpr bool isLinear = std::is_same_v<ResidualOf, LinearResidual<T>> ||
                                 std::is_same_v<ResidualOf, WeightedResidual<T, LinearResidual<T>>>;

template <typename T>
[[gnu::noinline]] LogResidual<T> calledLogResidual(Pack<T> z, Pack<T> y) noexcept {
  return LaneMath<T>::sigmoid_log_outcome(z, y);
}

/// Whether the log loss is a call, as where θ and the gradient fill the registers that its
/// constants would take.
enum class LogLoss { called, inlined };

/// Calls use(residualOf), which gives the residuals of a pack of rows. Of the pairs that most
/// neurons train with, a linear one becomes part of `use` and one of log loss as `logLoss` says;
/// the others are called.
template <typename T, LogLoss logLoss = LogLoss::called, typename Use>
auto withResidual(const Objective& objective, const Use& use) {
  const auto is = [&](Activation activation, Loss loss) {
    return objective.activation == activation && objective.loss == loss;
  };
  if (is(Activation::linear, Loss::squared)) {
    return use(LinearResidual<T>{});
  }
  if (is(Activation::sigmoid, Loss::log)) {
    return use([](Pack<T> z, Pack<T> y) {
      if constexpr (logLoss == LogLoss::called) return calledLogResidual<T>(z, y);
      return LaneMath<T>::sigmoid_log_outcome(z, y);
    });
  }
  return use(residualOf<T>(objective));
}

/// The same for rows that have weights, or none. The log loss of weighted rows is that of every
/// row: their odds do not multiply.
template <typename T, bool weighted, LogLoss logLoss = LogLoss::called, typename Use>
auto withResidualFor(const Objective& objective, const Use& use) {
  if constexpr (!weighted) {
    return withResidual<T, logLoss>(objective, use);
  } else {
    if (objective.activation == Activation::linear && objective.loss == Loss::squared)
      return use(WeightedResidual<T, LinearResidual<T>>{});
    if (objective.activation == Activation::sigmoid && objective.loss == Loss::log)
      return use(WeightedResidual<T, WholeLogResidual<T>>{});
    return use(WeightedResidual<T, ResidualOfPack<T>>{residualOf<T>(objective)});
  }
}
template <typename T, LogLoss logLoss = LogLoss::called, typename Use>
auto withResidualOf(const Rows<T>& rows, const Objective& objective, const Use& use) {
  return rows.weights ? withResidualFor<T, true, logLoss>(objective, use)
                      : withResidualFor<T, false, logLoss>(objective, use);
}

/// Σδ and Σℓ of tiles, lane by lane.
template <typename T>
struct TileSums {
  Pack<T> delta = {};
  Pack<T> loss = {};
};

/// Writes δ of `count` rows, and zeros up to the next multiple of lanes<T>; all arrays have room
/// for that many. Adds to `sums`.
template <typename T, bool weighted, typename ResidualOf, typename Sums>
inline void residualsOf(const ResidualOf& residualOf, const T* z, Labels<T, weighted> labels,
                        std::size_t count, T* delta, Sums& sums) {
  for (std::size_t i = 0; i < count; i += lanes<T>) {
    auto r = residualOf(load(z + i), labels.at(i));
    if (count - i < lanes<T>) {
      sums.add(firstLanes<T>(count - i), r);
    } else {
      sums.add(r);
    }
    store(delta + i, r.residual);
  }
}

/// The same of a tile, which has few enough rows to need no settling on the way. One function for
/// all kinds of rows.
template <typename T, bool weighted>
[[gnu::noinline]] void residualsOfTile(const Objective& objective, const T* z,
                                       Labels<T, weighted> labels, std::size_t count, T* delta,
                                       TileSums<T>& total) {
  withResidualFor<T, weighted>(objective, [&, z, labels, count, delta](const auto& residualOf) {
    SumsOf<T, decltype(residualOf)> sums;
    residualsOf(residualOf, z, labels, count, delta, sums);
    sums.settle();
    total.delta += sums.delta;
    total.loss += sums.loss;
  });
}

template <Activation activation, typename T>
void outputsOf(const T* z, std::size_t count, double* outputs) noexcept {
  for (std::size_t i = 0; i < count; i += lanes<T>) {
    const Pack<T> out = output<activation, T>(load(z + i));
    for (std::size_t lane = 0; lane < lanes<T> && i + lane < count; ++lane)
      outputs[i + lane] = static_cast<double>(out[lane]);
  }
}

/// φ(z) of `count` rows; z has room for the next multiple of lanes<T>.
template <std::size_t activation = 0, typename T>
void outputsOfTile(Activation wanted, const T* z, std::size_t count, double* outputs) noexcept {
  if constexpr (activation + 1 < activationTable.size()) {
    if (wanted != activationTable[activation].value)
      return outputsOfTile<activation + 1>(wanted, z, count, outputs);
  }
  outputsOf<activationTable[activation].value>(z, count, outputs);
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
