#pragma once

#include "../row_lengths.h"
#include "loops.h"
#include "sparse.h"

// Several outputs, or rows that have sparse columns: one pass over X for all outputs. Rows are
// worked on in tiles that stay in cache between the dots and the accumulation of δ·x, four rows by
// a few outputs at a time: as many sums as fit the registers, so that a vector of X is loaded once
// for all of these outputs, and one of θ or of the gradient once for four rows. Each output has a
// row of θ, of z, of δ and of the gradient.

namespace thalweg::cpu::THALWEG_CPU_LEVEL {
namespace {

inline constexpr std::size_t outputRowsAtOnce = 4;
/// By as many outputs. AVX-512 has twice as many registers.
inline constexpr std::size_t mostOutputsAtOnce = packBytes == lineBytes ? 5 : 3;

/// Tiles of rows that are read once, as many as make the work around a tile small beside them, and
/// of rows whose weights are read again and again, where these do not fit the first-level cache
/// beside a tile.
inline constexpr std::size_t usualOutputRows = 16;
inline constexpr std::size_t leastOutputTileBytes = 4096;
inline constexpr std::size_t mostOutputTileBytes = 16384;
inline constexpr std::size_t wideOutputTileBytes = 131072;

template <typename T>
std::size_t outputTileRows(std::size_t columns, std::size_t outputs) noexcept {
  if (columns == 0) return mostOutputRows;
  constexpr std::size_t firstLevelBytes = 16384;
  const bool fits = outputs * columns * sizeof(T) <= firstLevelBytes;
  const std::size_t usual = usualOutputRows * columns * sizeof(T);
  const std::size_t near = usual < leastOutputTileBytes  ? leastOutputTileBytes
                           : usual < mostOutputTileBytes ? usual
                                                         : mostOutputTileBytes;
  const std::size_t bytes = fits ? near : wideOutputTileBytes;
  const std::size_t rows = bytes / (columns * sizeof(T)) / outputRowsAtOnce * outputRowsAtOnce;
  return rows < outputRowsAtOnce ? outputRowsAtOnce : rows < mostOutputRows ? rows : mostOutputRows;
}

/// Where the rows of a tile are. Up to a whole group the first stands in for what is missing.
template <typename T>
struct OutputTile : RowNumbers {
  const T* rows[mostOutputRows];

  void find(const Rows<T>& from, std::size_t first, std::size_t most) noexcept {
    const std::size_t left = from.count - first;
    const std::size_t end = most < left ? most : left;
    std::size_t entries = 0;
    for (count = 0; count < end; ++count) {
      if (count % outputRowsAtOnce == 0 && entries >= entriesOfTile) break;
      numbers[count] = from.number(first + count);
      rows[count] = from.row(numbers[count]);
      if (from.sparse != nullptr) entries += compressedOf(*from.sparse, numbers[count]).count();
    }
    for (std::size_t i = count; i % outputRowsAtOnce != 0; ++i) rows[i] = rows[0];
  }
};

/// Calls use(first, constant count) for groups of outputs of nearly one size.
template <typename Use>
[[gnu::always_inline]] inline void forOutputs(std::size_t outputs, const Use& use) {
  const std::size_t groups = (outputs + mostOutputsAtOnce - 1) / mostOutputsAtOnce;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t first = outputs * group / groups;
    const std::size_t count = outputs * (group + 1) / groups - first;
    withConstant<mostOutputsAtOnce>(count, [&](auto constant) { use(first, constant); });
  }
}

/// The loops over the rows of one tile.
template <typename T>
class OutputRows {
 public:
  OutputRows(const Parameters<T>& at, std::size_t columns, std::size_t outputs) noexcept
      : at_(at), columns_(columns), outputs_(outputs) {}

  /// z of all outputs; asks for half of the rows of `next`.
  void dots(const OutputTile<T>& tile, const OutputTile<T>& next, T* z) const noexcept {
    forOutputs(outputs_, [&](std::size_t first, auto count) {
      for (std::size_t i = 0; i < tile.count; i += outputRowsAtOnce) {
        dotsOf<count()>(tile.rows + i, followingOf(next, i, first), first,
                        z + first * mostOutputRows + i);
      }
    });
  }

  /// gradient += δ·x for all outputs; asks for the other half.
  void accumulate(const OutputTile<T>& tile, const OutputTile<T>& next, const T* delta,
                  T* gradient) const noexcept {
    forOutputs(outputs_, [&](std::size_t first, auto count) {
      for (std::size_t i = 0; i < tile.count; i += outputRowsAtOnce) {
        add<count()>(tile.rows + i, followingOf(next, i, first), delta + first * mostOutputRows + i,
                     gradient + first * at_.stride);
      }
    });
  }

 private:
  /// The rows to ask for along with row i, while the first outputs are worked on.
  static const T* const* followingOf(const OutputTile<T>& next, std::size_t i,
                                     std::size_t first) noexcept {
    return first == 0 && i < next.count ? next.rows + i : nullptr;
  }

  /// Every second of them from the first on, at column j: half with the dots, half with δ·x.
  template <std::size_t from>
  [[gnu::always_inline]] static void fetch(const T* const* rows, std::size_t j) noexcept {
    if (rows == nullptr || j % lineColumns<T> != 0) return;
    for (std::size_t r = from; r < outputRowsAtOnce; r += 2) __builtin_prefetch(rows[r] + j);
  }

  template <std::size_t count>
  [[gnu::always_inline]] void dotsOf(const T* const* rows, const T* const* next, std::size_t first,
                                     T* z) const noexcept {
    const T* theta = at_.theta + first * at_.stride;
    Pack<T> sums[count][outputRowsAtOnce] = {};
    // The last vector may reach past the row: θ's padding of zeros takes what it finds there out.
    for (std::size_t j = 0; j < columns_; j += lanes<T>) {
      Pack<T> x[outputRowsAtOnce];
#pragma GCC unroll 4
      for (std::size_t r = 0; r < outputRowsAtOnce; ++r) x[r] = load(rows[r] + j);
      fetch<0>(next, j);
#pragma GCC unroll 5
      for (std::size_t k = 0; k < count; ++k) {
        const Pack<T> weights = load(theta + k * at_.stride + j);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < outputRowsAtOnce; ++r) sums[k][r] += x[r] * weights;
      }
    }
#pragma GCC unroll 5
    for (std::size_t k = 0; k < count; ++k)
      storeSums(sums[k], at_.intercepts[first + k], z + k * mostOutputRows);
  }

  static constexpr std::size_t sumsAtOnce =
      lanes<T> < outputRowsAtOnce ? lanes<T> : outputRowsAtOnce;

  [[gnu::always_inline]] static void storeSums(Pack<T> (&sums)[outputRowsAtOnce], T intercept,
                                               T* z) noexcept {
    for (std::size_t r = 0; r < outputRowsAtOnce; r += sumsAtOnce) {
      Pack<T> some[sumsAtOnce];
      for (std::size_t i = 0; i < sumsAtOnce; ++i) some[i] = sums[r + i];
      const Pack<T> total = sumsInBlocks<sumsAtOnce, T>(some) + intercept;
      __builtin_memcpy(z + r, &total, sumsAtOnce * sizeof(T));
    }
  }

  /// Writes past the columns into the padding.
  template <std::size_t count>
  [[gnu::always_inline]] void add(const T* const* rows, const T* const* next, const T* delta,
                                  T* gradient) const noexcept {
    Pack<T> by[count][outputRowsAtOnce];
#pragma GCC unroll 5
    for (std::size_t k = 0; k < count; ++k) {
#pragma GCC unroll 4
      for (std::size_t r = 0; r < outputRowsAtOnce; ++r)
        by[k][r] = broadcast(delta[k * mostOutputRows + r]);
    }
    for (std::size_t j = 0; j < columns_; j += lanes<T>) {
      Pack<T> x[outputRowsAtOnce];
#pragma GCC unroll 4
      for (std::size_t r = 0; r < outputRowsAtOnce; ++r) x[r] = load(rows[r] + j);
      fetch<1>(next, j);
#pragma GCC unroll 5
      for (std::size_t k = 0; k < count; ++k) {
        T* to = gradient + k * at_.stride + j;
        Pack<T> sum = load(to);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < outputRowsAtOnce; ++r) sum += x[r] * by[k][r];
        store(to, sum);
      }
    }
  }

  Parameters<T> at_;
  std::size_t columns_;
  std::size_t outputs_;
};

/// Softmax of vectors of rows, in two passes over the outputs: what z is below the largest of the
/// row, and then the exponentials, of which that of the largest is 1.
template <typename T>
class SoftmaxOfRows {
 public:
  using Math = LaneMath<T>;

  /// `z` is that of output 0 of these rows; it gets the exponentials.
  SoftmaxOfRows(T* z, std::size_t outputs) noexcept : z_(z), outputs_(outputs) {
    Pack<T> most = load(z);
    for (std::size_t k = 1; k < outputs; ++k) most = larger<T>(load(z + k * mostOutputRows), most);
    Whole<T> seen = {};
    for (std::size_t k = 0; k < outputs; ++k) {
      T* at = z + k * mostOutputRows;
      const Pack<T> below = load(at) - most;
      const Pack<T> part = Math::exp_of_negative(below);
      const Whole<T> isFirstMost = (below == Pack<T>{}) & ~seen;
      seen |= isFirstMost;
      rest_ += masked<T>(~isFirstMost, part);
      store(at, part);
    }
    most_ = most;
  }

  /// Σ of the exponentials but for one of the largest z.
  [[nodiscard]] Pack<T> rest() const noexcept { return rest_; }
  [[nodiscard]] Pack<T> most() const noexcept { return most_; }

  /// p of output k.
  [[nodiscard]] Pack<T> share(std::size_t k) const noexcept {
    return Math::softmax_share(load(z_ + k * mostOutputRows), rest_);
  }

 private:
  T* z_;
  std::size_t outputs_;
  Pack<T> rest_ = {};
  Pack<T> most_;
};

/// z of the label of each row.
template <typename T>
[[gnu::always_inline]] inline Pack<T> labelledOf(const T* z, std::size_t outputs,
                                                 Pack<T> labels) noexcept {
  Pack<T> found = {};
  for (std::size_t k = 0; k < outputs; ++k) {
    const Whole<T> is = labels == broadcast(static_cast<T>(k));
    found += masked<T>(is, load(z + k * mostOutputRows));
  }
  return found;
}

/// How much the rows of a tile count.
template <typename T>
void weightsOfTile(const Rows<T>& rows, const OutputTile<T>& tile, T* weights) noexcept {
  for (std::size_t i = 0; i < mostOutputRows; ++i) weights[i] = 1;
  if (rows.weights == nullptr) return;
  for (std::size_t i = 0; i < tile.count; ++i) weights[i] = rows.weight(tile.numbers[i]);
}

/// z of a tile becomes δ, 0 past its last row. Adds Σδ of each output to `interceptGradient` where
/// that is wanted; returns Σℓ.
template <typename T>
double softmaxResiduals(const Rows<T>& rows, const OutputTile<T>& tile, std::size_t outputs, T* z,
                        double* interceptGradient) noexcept {
  T labels[mostOutputRows] = {};
  T weights[mostOutputRows];
  for (std::size_t i = 0; i < tile.count; ++i) labels[i] = rows.target(tile.numbers[i]);
  weightsOfTile(rows, tile, weights);
  Pack<T> loss = {};
  for (std::size_t i = 0; i < tile.count; i += lanes<T>) {
    const Whole<T> present = firstLanes<T>(tile.count - i);
    const Pack<T> y = load(labels + i);
    const Pack<T> weight = load(weights + i);
    const Pack<T> labelled = labelledOf(z + i, outputs, y);
    const SoftmaxOfRows<T> softmax(z + i, outputs);
    loss += masked<T>(
        present, LaneMath<T>::cross_entropy(softmax.rest(), softmax.most() - labelled) * weight);
    for (std::size_t k = 0; k < outputs; ++k) {
      const Pack<T> hot = masked<T>(y == broadcast(static_cast<T>(k)), broadcast(T(1)));
      store(z + k * mostOutputRows + i, masked<T>(present, (softmax.share(k) - hot) * weight));
    }
  }
  for (std::size_t k = 0; interceptGradient != nullptr && k < outputs; ++k) {
    Pack<T> sum = {};
    for (std::size_t i = 0; i < tile.count; i += lanes<T>) sum += load(z + k * mostOutputRows + i);
    interceptGradient[k] += sumInDouble<T>(sum);
  }
  return sumInDouble<T>(loss);
}

/// The same of outputs that are each for itself, with a target each.
template <typename T>
double residualsOfOutputs(const Rows<T>& rows, const OutputTile<T>& tile,
                          const Objective& objective, T* z, double* interceptGradient) noexcept {
  const std::size_t outputs = objective.outputs;
  T weights[mostOutputRows];
  weightsOfTile(rows, tile, weights);
  double loss = 0;
  for (std::size_t k = 0; k < outputs; ++k) {
    T targets[mostOutputRows] = {};
    for (std::size_t i = 0; i < tile.count; ++i)
      targets[i] = rows.target(tile.numbers[i] * outputs + k);
    T* at = z + k * mostOutputRows;
    TileSums<T> sums;
    if (rows.weights == nullptr) {
      residualsOfTile(objective, at, Labels<T, false>(targets), tile.count, at, sums);
    } else {
      residualsOfTile(objective, at, Labels<T, true>(targets, weights), tile.count, at, sums);
    }
    if (interceptGradient != nullptr) interceptGradient[k] += sumInDouble<T>(sums.delta);
    loss += sumInDouble<T>(sums.loss);
  }
  return loss;
}

template <typename T>
double residualsOfTileOf(const Rows<T>& rows, const OutputTile<T>& tile, const Objective& objective,
                         T* z, double* interceptGradient) noexcept {
  const double loss = objective.activation == Activation::softmax
                          ? softmaxResiduals(rows, tile, objective.outputs, z, interceptGradient)
                          : residualsOfOutputs(rows, tile, objective, z, interceptGradient);
  // Rows that stand in for missing ones take no part.
  for (std::size_t i = tile.count; i % outputRowsAtOnce != 0; ++i) {
    for (std::size_t k = 0; k < objective.outputs; ++k) z[k * mostOutputRows + i] = 0;
  }
  return loss;
}

/// Calls use(tile, next, first) for the tiles of the selection, the first of whose rows is number
/// `first` of it.
template <typename T, typename Use>
[[gnu::always_inline]] inline void forOutputTiles(const Rows<T>& rows, std::size_t outputs,
                                                  const Use& use) {
  const std::size_t most = outputTileRows<T>(rows.columns, outputs);
  OutputTile<T> tiles[2];
  tiles[0].find(rows, 0, most);
  std::size_t current = 0;
  for (std::size_t first = 0; first < rows.count; first += tiles[1 - current].count) {
    const OutputTile<T>& tile = tiles[current];
    current = 1 - current;
    tiles[current].find(rows, first + tile.count, most);
    use(tile, tiles[current], first);
  }
}

/// The sums of T move to float64.
template <typename T>
void flushOutputs(const Parameters<T>& at, std::size_t columns, std::size_t outputs, T* gradient,
                  double* total) noexcept {
  for (std::size_t k = 0; k < outputs; ++k) {
    for (std::size_t j = 0; j < columns; ++j) {
      total[k * columns + j] += static_cast<double>(gradient[k * at.stride + j]);
      gradient[k * at.stride + j] = 0;
    }
  }
}

/// Copies δ of a tile, which stands where z was, to where that of each row is.
template <typename T>
void keepDeltas(const RowNumbers& tile, std::size_t outputs, const T* z, T* deltas) noexcept {
  for (std::size_t i = 0; i < tile.count; ++i) {
    for (std::size_t k = 0; k < outputs; ++k)
      deltas[tile.numbers[i] * outputs + k] = z[k * mostOutputRows + i];
  }
}

template <typename T>
double outputsGradient(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                       T* scratch, double* total, double* interceptTotal, T* deltas) {
  const std::size_t outputs = objective.outputs;
  T* gradient = scratch;
  T* z = scratch + outputs * at.stride;
  for (std::size_t j = 0; j < outputs * at.stride; ++j) gradient[j] = 0;
  const OutputRows<T> loops(at, rows.columns, outputs);
  double loss = 0;
  std::size_t unflushed = 0;
  forOutputTiles(rows, outputs, [&](const auto& tile, const auto& next, std::size_t first) {
    loops.dots(tile, next, z);
    addSparseDots(rows, at, tile, outputs, z);
    loss += residualsOfTileOf(rows, tile, objective, z, interceptTotal);
    loops.accumulate(tile, next, z, gradient);
    if (deltas == nullptr) {
      addSparseGradient(rows, tile, next, outputs, z, total + outputs * rows.columns);
    } else {
      keepDeltas(tile, outputs, z, deltas);
    }
    unflushed += tile.count;
    if (unflushed >= flushRows || first + tile.count == rows.count) {
      flushOutputs(at, rows.columns, outputs, gradient, total);
      unflushed = 0;
    }
  });
  return loss;
}

template <typename T>
double outputsLoss(const Rows<T>& rows, const Parameters<T>& at, const Objective& objective,
                   T* scratch) {
  const OutputRows<T> loops(at, rows.columns, objective.outputs);
  double loss = 0;
  forOutputTiles(rows, objective.outputs, [&](const auto& tile, const auto& next, std::size_t) {
    loops.dots(tile, next, scratch);
    addSparseDots(rows, at, tile, objective.outputs, scratch);
    loss += residualsOfTileOf<T>(rows, tile, objective, scratch, nullptr);
  });
  return loss;
}

/// φ(z) of a tile, row by row.
template <typename T>
void outputsOfTileOf(Activation activation, std::size_t rows, std::size_t outputs, T* z,
                     double* results) noexcept {
  for (std::size_t i = 0; activation == Activation::softmax && i < rows; i += lanes<T>) {
    const SoftmaxOfRows<T> softmax(z + i, outputs);
    for (std::size_t k = 0; k < outputs; ++k) store(z + k * mostOutputRows + i, softmax.share(k));
  }
  const Activation each = activation == Activation::softmax ? Activation::linear : activation;
  for (std::size_t k = 0; k < outputs; ++k) {
    double values[mostOutputRows];
    outputsOfTile(each, z + k * mostOutputRows, rows, values);
    for (std::size_t i = 0; i < rows; ++i) results[i * outputs + k] = values[i];
  }
}

template <typename T>
void outputsOfSeveral(const Rows<T>& rows, const Parameters<T>& at, Activation activation,
                      std::size_t outputs, T* scratch, double* results) {
  const OutputRows<T> loops(at, rows.columns, outputs);
  forOutputTiles(rows, outputs, [&](const auto& tile, const auto& next, std::size_t first) {
    loops.dots(tile, next, scratch);
    addSparseDots(rows, at, tile, outputs, scratch);
    outputsOfTileOf(activation, tile.count, outputs, scratch, results + first * outputs);
  });
}

}  // namespace
}  // namespace thalweg::cpu::THALWEG_CPU_LEVEL
