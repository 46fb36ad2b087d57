#pragma once

#include "residual.h"

// Residuals and outputs of many rows, with the activation and the loss chosen once for all of them.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
using ResidualOfPack = Residual<T> (*)(Pack<T> z, Pack<T> y);

template <Activation activation, typename T>
ResidualOfPack<T> residualOf(Loss loss) noexcept {
  switch (loss) {
    case Loss::squared: return residual<activation, Loss::squared, T>;
    case Loss::log: return residual<activation, Loss::log, T>;
    case Loss::absolute: return residual<activation, Loss::absolute, T>;
    case Loss::huber: return residual<activation, Loss::huber, T>;
    case Loss::hinge: return residual<activation, Loss::hinge, T>;
    case Loss::poisson: return residual<activation, Loss::poisson, T>;
  }
  return nullptr;
}

template <typename T>
ResidualOfPack<T> residualOf(const Objective& objective) noexcept {
  switch (objective.activation) {
    case Activation::linear: return residualOf<Activation::linear, T>(objective.loss);
    case Activation::sigmoid: return residualOf<Activation::sigmoid, T>(objective.loss);
    case Activation::tanh: return residualOf<Activation::tanh, T>(objective.loss);
    case Activation::relu: return residualOf<Activation::relu, T>(objective.loss);
    case Activation::softplus: return residualOf<Activation::softplus, T>(objective.loss);
    case Activation::exp: return residualOf<Activation::exp, T>(objective.loss);
  }
  return nullptr;
}

/// Calls use(residualOf), which gives the residuals of a pack of rows: the pairs that most neurons
/// train with become part of `use`, the others are called.
template <typename T, typename Use>
auto withResidual(const Objective& objective, const Use& use) {
  const auto is = [&](Activation activation, Loss loss) {
    return objective.activation == activation && objective.loss == loss;
  };
  if (is(Activation::linear, Loss::squared)) {
    return use(
        [](Pack<T> z, Pack<T> y) { return residual<Activation::linear, Loss::squared, T>(z, y); });
  }
  if (is(Activation::sigmoid, Loss::log)) {
    return use(
        [](Pack<T> z, Pack<T> y) { return residual<Activation::sigmoid, Loss::log, T>(z, y); });
  }
  return use(residualOf<T>(objective));
}

/// Σδ and Σℓ of some rows.
struct ResidualSums {
  double delta;
  double loss;
};

/// Writes δ of `count` rows, and zeros up to the next multiple of lanes<T>. All three arrays have
/// room for that many.
template <typename T>
ResidualSums residualsOfTile(const Objective& objective, const T* z, const T* y, std::size_t count,
                             T* delta) {
  return withResidual<T>(objective, [=](const auto& residualOf) {
    Pack<T> deltaSums = {};
    Pack<T> lossSums = {};
    for (std::size_t i = 0; i < count; i += lanes<T>) {
      Residual<T> r = residualOf(load(z + i), load(y + i));
      if (count - i < lanes<T>) {
        const Whole<T> present = firstLanes<T>(count - i);
        r = {masked<T>(present, r.delta), masked<T>(present, r.loss)};
      }
      store(delta + i, r.delta);
      deltaSums += r.delta;
      lossSums += r.loss;
    }
    return ResidualSums{sumInDouble<T>(deltaSums), sumInDouble<T>(lossSums)};
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
template <typename T>
void outputsOfTile(Activation activation, const T* z, std::size_t count, double* outputs) noexcept {
  switch (activation) {
    case Activation::linear: return outputsOf<Activation::linear>(z, count, outputs);
    case Activation::sigmoid: return outputsOf<Activation::sigmoid>(z, count, outputs);
    case Activation::tanh: return outputsOf<Activation::tanh>(z, count, outputs);
    case Activation::relu: return outputsOf<Activation::relu>(z, count, outputs);
    case Activation::softplus: return outputsOf<Activation::softplus>(z, count, outputs);
    case Activation::exp: return outputsOf<Activation::exp>(z, count, outputs);
  }
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
