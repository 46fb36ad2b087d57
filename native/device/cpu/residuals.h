#pragma once

#include "residual.h"

// Residuals of a tile of rows at once, with the activation and the loss chosen once a pass.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

/// Writes δ of `count` rows and returns their Σℓ.
template <typename T>
using Residuals = double (*)(const T* z, const T* y, std::size_t count, T* delta);

template <typename T>
using Outputs = void (*)(const T* z, std::size_t count, double* outputs);

template <Activation activation, Loss loss, typename T>
double residuals(const T* z, const T* y, std::size_t count, T* delta) {
  // Eight sums side by side: one would be a chain of dependent additions.
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const Residual<T> r = residual<activation, loss>(z[i + lane], y[i + lane]);
      delta[i + lane] = r.delta;
      sums[lane] += static_cast<double>(r.loss);
    }
  }
  for (; i < count; ++i) {
    const Residual<T> r = residual<activation, loss>(z[i], y[i]);
    delta[i] = r.delta;
    sums[i % 8] += static_cast<double>(r.loss);
  }
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

template <Activation activation, typename T>
void outputsOf(const T* z, std::size_t count, double* outputs) {
  for (std::size_t i = 0; i < count; ++i)
    outputs[i] = static_cast<double>(output<activation>(z[i]));
}

template <Activation activation, typename T>
Residuals<T> residualsOf(Loss loss) noexcept {
  switch (loss) {
    case Loss::squared: return residuals<activation, Loss::squared, T>;
    case Loss::log: return residuals<activation, Loss::log, T>;
    case Loss::absolute: return residuals<activation, Loss::absolute, T>;
    case Loss::huber: return residuals<activation, Loss::huber, T>;
    case Loss::hinge: return residuals<activation, Loss::hinge, T>;
    case Loss::poisson: return residuals<activation, Loss::poisson, T>;
  }
  return nullptr;
}

template <typename T>
Residuals<T> residualsOf(const Objective& objective) noexcept {
  switch (objective.activation) {
    case Activation::linear: return residualsOf<Activation::linear, T>(objective.loss);
    case Activation::sigmoid: return residualsOf<Activation::sigmoid, T>(objective.loss);
    case Activation::tanh: return residualsOf<Activation::tanh, T>(objective.loss);
    case Activation::relu: return residualsOf<Activation::relu, T>(objective.loss);
    case Activation::softplus: return residualsOf<Activation::softplus, T>(objective.loss);
    case Activation::exp: return residualsOf<Activation::exp, T>(objective.loss);
  }
  return nullptr;
}

template <typename T>
Outputs<T> outputsOf(Activation activation) noexcept {
  switch (activation) {
    case Activation::linear: return outputsOf<Activation::linear, T>;
    case Activation::sigmoid: return outputsOf<Activation::sigmoid, T>;
    case Activation::tanh: return outputsOf<Activation::tanh, T>;
    case Activation::relu: return outputsOf<Activation::relu, T>;
    case Activation::softplus: return outputsOf<Activation::softplus, T>;
    case Activation::exp: return outputsOf<Activation::exp, T>;
  }
  return nullptr;
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
