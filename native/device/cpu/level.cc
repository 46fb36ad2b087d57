#include "level.h"

#include "class_scores.h"
#include "clean_registers.h"
#include "gram.h"
#include "passes/long.h"
#include "passes/narrow.h"
#include "passes/outputs.h"
#include "passes/short.h"
#include "steps/long.h"
#include "steps/optimized.h"
#include "steps/short.h"
#include "value_scores.h"

// The loops behind level.h, for the one level named by THALWEG_CPU_LEVEL: lists of ways to pass
// over rows and to take steps, of which the first is taken that fits the rows.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
constexpr Pass<T> passes[] = {narrowPass<T>, shortPass<T>, longPass<T>};

template <typename T>
constexpr StochasticSteps<T> stochasticSteps[] = {shortSteps<T>, longSteps<T>};

template <typename T>
double gradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                T* scratch, double* total, double* interceptTotal) {
  if (goInTiles(objective.outputs, rows.sparse != nullptr))
    return outputsGradient<T>(rows, at, objective, scratch, total, interceptTotal, nullptr);
  return firstThatFits(passes<T>, rows)
      .gradient(rows, at, objective, scratch, total, interceptTotal);
}

template <typename T>
double loss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective, T* scratch) {
  if (goInTiles(objective.outputs, rows.sparse != nullptr))
    return outputsLoss(rows, at, objective, scratch);
  return firstThatFits(passes<T>, rows).loss(rows, at, objective);
}

template <typename T>
void outputs(const Rows<T>& rows, const Parameters<T>& at, Activation activation, std::size_t count,
             T* scratch, double* results) {
  if (goInTiles(count, rows.sparse != nullptr))
    return outputsOfSeveral(rows, at, activation, count, scratch, results);
  firstThatFits(passes<T>, rows).outputs(rows, at, activation, results);
}

template <typename T>
void stochastic(const Rows<T>& rows, const Objective& objective, const Steps<T>& steps) {
  if (steps.optimizer->code != 0) return takeOptimizedSteps(rows, objective, steps);
  firstThatFits(stochasticSteps<T>, rows).take(rows, objective, steps);
}

template <typename T>
constexpr Kernels<T> kernels{Clean<gradient<T>>::call,       Clean<outputsGradient<T>>::call,
                             Clean<gradientOfRows<T>>::call, Clean<gradientOfColumns<T>>::call,
                             Clean<loss<T>>::call,           Clean<outputs<T>>::call,
                             Clean<stochastic<T>>::call,     Clean<gram<T>>::call};

#define THALWEG_STRING_OF(name) #name
#define THALWEG_STRING(name) THALWEG_STRING_OF(name)
constexpr Level thisLevel{THALWEG_STRING(THALWEG_CPU_LEVEL), kernels<float>, kernels<double>,
                          Clean<classScores>::call, Clean<valueScores>::call};

}  // namespace

const Level& level() noexcept { return thisLevel; }

}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
