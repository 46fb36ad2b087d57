#pragma once

#include "level.h"
#include "pack.h"

// What the residuals of rows take besides z: their targets, a pack of them, and where rows are
// weighted their weights with these. Which of both it is is known when loops are compiled: those
// over rows without weights know of none.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

template <typename T>
struct WeightedTarget {
  Pack<T> y = {};
  Pack<T> weight = {};
};

template <typename T, bool weighted>
using Label = std::conditional_t<weighted, WeightedTarget<T>, Pack<T>>;

template <typename T>
inline void loadLabel(const Rows<T>& rows, std::size_t number, Pack<T>& label) noexcept {
  label = load(rows.targets + number);
}
template <typename T>
inline void loadLabel(const Rows<T>& rows, std::size_t number, WeightedTarget<T>& label) noexcept {
  label = {load(rows.targets + number), load(rows.weights + number)};
}

/// Of one row, in one lane.
template <typename T>
[[gnu::always_inline]] inline void pickLabel(const Rows<T>& rows, std::size_t number,
                                             std::size_t lane, Pack<T>& label) noexcept {
  label[lane] = rows.target(number);
}
template <typename T>
[[gnu::always_inline]] inline void pickLabel(const Rows<T>& rows, std::size_t number,
                                             std::size_t lane, WeightedTarget<T>& label) noexcept {
  label.y[lane] = rows.target(number);
  label.weight[lane] = rows.weight(number);
}

/// Where those of rows at hand stand.
template <typename T, bool weighted>
struct Labels;

template <typename T>
struct Labels<T, false> {
  const T* targets;

  explicit Labels(const Rows<T>& rows) noexcept : targets(rows.targets + rows.first) {}
  explicit Labels(const T* at) noexcept : targets(at) {}

  [[nodiscard]] Pack<T> at(std::size_t i) const noexcept { return load(targets + i); }
  void advance(std::size_t count) noexcept { targets += count; }
};

template <typename T>
struct Labels<T, true> {
  const T* targets;
  const T* weights;

  explicit Labels(const Rows<T>& rows) noexcept
      : targets(rows.targets + rows.first), weights(rows.weights + rows.first) {}
  Labels(const T* at, const T* weightsAt) noexcept : targets(at), weights(weightsAt) {}

  [[nodiscard]] WeightedTarget<T> at(std::size_t i) const noexcept {
    return {load(targets + i), load(weights + i)};
  }
  void advance(std::size_t count) noexcept {
    targets += count;
    weights += count;
  }
};

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
