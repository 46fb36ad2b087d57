#pragma once

#include <cstddef>
#include <cstdint>

#include "../objective.h"
#include "../optimizer.h"

// The inner loops of the CPU device. level.cc is compiled once per instruction-set level into a
// namespace of its own; this header is all that the rest of the addon sees of it. Plain pointers on
// purpose: an inline function of the standard library that is compiled with wider instructions
// could be the copy the linker keeps.

namespace thalweg::cpu {

/// Buffers that the loops read may be read this many bytes past their end (the values there do not
/// matter, as long as they are finite), so that a row's last vector needs no special case.
inline constexpr std::size_t slackBytes = 64;

/// A column of codes, one a row: it stands for as many columns as it has levels, of which the one
/// of the code is 1 and the others are 0.
struct CodeColumn {
  const void* codes;
  std::size_t bytes;  ///< of a code: 1, 2 or 4
  std::size_t first;  ///< of its columns among the sparse ones

  [[nodiscard, gnu::always_inline]] std::size_t at(std::size_t row) const noexcept {
    if (bytes == 1) return static_cast<const std::uint8_t*>(codes)[row];
    if (bytes == 2) return static_cast<const std::uint16_t*>(codes)[row];
    return static_cast<const std::uint32_t*>(codes)[row];
  }
};

/// Columns of X behind the dense ones, of which only what is not 0 is held: codes, and compressed
/// rows (CSR). Row r of these has the entries from begins[r] to begins[r + 1].
template <typename T>
struct SparseColumns {
  const CodeColumn* codes;
  std::size_t codeCount;
  const T* values;  ///< null: no compressed rows
  const std::uint32_t* columns;
  const std::uint64_t* begins;
  std::size_t count;  ///< columns
};

/// The entries of compressed rows column by column: column c has those from begins[c] to
/// begins[c + 1], by their rows upwards.
template <typename T>
struct ColumnEntries {
  const T* values;
  const std::uint32_t* rows;
  const std::uint64_t* begins;
};

/// A selection of rows of X, the targets that go with them and how much each row counts. Its
/// functions are always inlined, for the reason above.
template <typename T>
struct Rows {
  const T* data;                 ///< the dense columns of X, row-major, all of them
  const T* targets;              ///< y, all of it, row-major; null where only outputs are asked for
  std::size_t columns;           ///< n, but for sparse columns
  const std::uint32_t* indices;  ///< which rows; null: `first`, `first` + 1, …
  std::size_t first;
  std::size_t count;
  std::size_t following;                     ///< indices after those, of rows that are wanted next
  const T* weights = nullptr;                ///< of all rows, as y; null: 1 each
  const SparseColumns<T>* sparse = nullptr;  ///< null: none

  /// Where in X the selection has its row i.
  [[nodiscard, gnu::always_inline]] std::size_t number(std::size_t i) const noexcept {
    return indices != nullptr ? indices[first + i] : first + i;
  }

  /// The row of X with this number. `width` is n, for who knows it when compiling.
  [[nodiscard, gnu::always_inline]] const T* row(std::size_t number,
                                                 std::size_t width) const noexcept {
    return data + number * width;
  }
  [[nodiscard, gnu::always_inline]] const T* row(std::size_t number) const noexcept {
    return row(number, columns);
  }
  [[nodiscard, gnu::always_inline]] T target(std::size_t number) const noexcept {
    return targets[number];
  }
  [[nodiscard, gnu::always_inline]] T weight(std::size_t number) const noexcept {
    return weights[number];
  }

  /// Rows [at, at + most) of the selection, or as many of them as there are.
  [[nodiscard, gnu::always_inline]] Rows part(std::size_t at, std::size_t most) const noexcept {
    Rows some = *this;
    some.first += at;
    some.count = most < count - at ? most : count - at;
    some.following += count - at - some.count;
    return some;
  }
};

/// θ padded with zeros by `slackBytes`, and b. Steps are quicker where θ begins a line of cache. Of
/// several outputs θ has a row each, `stride` values apart and padded alike. θ of sparse columns is
/// by itself, column by column, and so is their part of gradients.
template <typename T>
struct Parameters {
  const T* theta;
  T intercept;  ///< of one output
  const T* intercepts = nullptr;
  std::size_t stride = 0;
  const T* sparse = nullptr;
};

/// What an optimiser keeps between steps (kernels/math/optimizers.h), updated in place.
template <typename T>
struct MomentsOfSteps {
  T* values;            ///< of each weight, padded as above: first moments, second ones, third ones
  std::size_t stride;   ///< from one moment of a weight to the next
  T* intercept;         ///< of b
  std::uint64_t taken;  ///< steps before these
};

/// One chunk of stochastic steps: θ, padded as above, and b are updated in place.
template <typename T>
struct Steps {
  T* theta;
  T* intercept;
  double learningRate;
  const double* rates;  ///< of each step in place of that; null where they are equal
  T weightScale;        ///< what weights are multiplied with
  const OptimizerConstants* optimizer;
  MomentsOfSteps<T> moments;
};

/// The loops for one element type. Sums over rows are kept in float64, whatever T is.
template <typename T>
struct Kernels {
  /// Adds Xᵀδ to `gradient` (n values an output, one output after the other; behind them sparse
  /// columns, a value an output one column after the other) and Σδ to
  /// `interceptGradient` (one an output); returns Σℓ. Where rows have weights,
  /// δ and ℓ are times these. `scratch` holds scratchSize elements.
  double (*gradient)(const Rows<T>&, const Parameters<T>&, const Objective&, T* scratch,
                     double* gradient, double* interceptGradient);
  /// The same of rows with sparse columns but for these, for which `deltas` gets δ of the rows, one
  /// an output, by their numbers.
  double (*denseGradient)(const Rows<T>&, const Parameters<T>&, const Objective&, T* scratch,
                          double* gradient, double* interceptGradient, T* deltas);
  /// Adds Xᵀδ of such δ of compressed rows [first, end) to `gradient`, which begins with the first
  /// sparse column.
  void (*gradientOfRows)(const SparseColumns<T>&, std::size_t first, std::size_t end,
                         const T* deltas, std::size_t outputs, double* gradient);
  /// The same of all rows in columns [first, end): the same bits.
  void (*gradientOfColumns)(const ColumnEntries<T>&, std::size_t first, std::size_t end,
                            const T* deltas, std::size_t outputs, double* gradient);
  /// Returns Σℓ. `scratch` holds tileScratchSize elements.
  double (*loss)(const Rows<T>&, const Parameters<T>&, const Objective&, T* scratch);
  /// Writes φ(Xθ + b) of so many outputs, row by row. `scratch` likewise.
  void (*outputs)(const Rows<T>&, const Parameters<T>&, Activation, std::size_t count, T* scratch,
                  double* outputs);
  /// One step a row, in order. Not of rows with sparse columns.
  void (*stochastic)(const Rows<T>&, const Objective&, const Steps<T>&);
  /// Adds the upper triangle of AᵀWA, A = [X, 1, y] with so many targets a row and W the weights,
  /// to `gram`, whose rows are `stride` = gramStride(n, targets) values apart and which has
  /// gramRows(n, targets) of them. `scratch` holds 2·gramTileRows·stride values,
  /// zeros before the first call of this shape.
  void (*gram)(const Rows<T>&, std::size_t targets, std::size_t stride, double* scratch,
               double* gram);
};

/// Rows of θ, and of gradients, of several outputs: whole vectors of every level, and off the
/// powers of two, at which they would share a few sets of the cache.
template <typename T>
constexpr std::size_t outputStride(std::size_t columns) noexcept {
  constexpr std::size_t line = slackBytes / sizeof(T);
  const std::size_t lines = (columns + line - 1) / line;
  return (lines % 2 == 0 ? lines + 1 : lines) * line;
}

/// Rows that are worked on together where there are several outputs.
inline constexpr std::size_t mostOutputRows = 64;

/// Whether rows are worked on in tiles for so many outputs: one output of dense columns has loops
/// of its own.
constexpr bool goInTiles(std::size_t outputs, bool isSparse) noexcept {
  return outputs > 1 || isSparse;
}

/// For the sums z, and then δ, of a tile of rows.
constexpr std::size_t tileScratchSize(std::size_t outputs, bool isSparse) noexcept {
  return goInTiles(outputs, isSparse) ? outputs * mostOutputRows : 0;
}

/// For the gradient of T besides.
template <typename T>
constexpr std::size_t scratchSize(std::size_t columns, std::size_t outputs,
                                  bool isSparse) noexcept {
  return goInTiles(outputs, isSparse)
             ? outputs * outputStride<T>(columns) + tileScratchSize(outputs, isSparse)
             : columns + slackBytes / sizeof(T);
}

inline constexpr std::size_t gramTileRows = 64;

/// The columns of A rounded up to whole blocks of every level, and off the powers of two, at which
/// the rows of a block would share a few sets of the cache.
constexpr std::size_t gramStride(std::size_t columns, std::size_t targets) noexcept {
  return (columns + 1 + targets + 23) / 24 * 24;
}
constexpr std::size_t gramRows(std::size_t columns, std::size_t targets) noexcept {
  return (columns + 1 + targets + 3) / 4 * 4;
}

/// Rows to score.
struct ScoredRows {
  const double* values;   ///< of sigmoids the sums z = xᵀθ + b, else φ(z)
  const double* targets;  ///< of sigmoids ½ or more for the upper side
  const double* weights;  ///< null: 1 each; a row of 0 is not scored
  std::size_t count;
  double unit = 1;    ///< that targets are multiplied with, so that they have squares,
  double origin = 0;  ///< and what is taken from them then
};

/// How well sigmoids do.
struct ClassScores {
  double rows;        ///< that are scored
  double overflowed;  ///< those of them whose sums are no number
  double weight;      ///< of all
  double right;       ///< of those on the side of ½ that their target is on
  double loss;        ///< Σ log loss, by weight
};

/// How well others do, sums by weight.
struct ValueScores {
  double rows;         ///< that are scored
  double overflowed;   ///< those of them whose values are not finite
  double weight;       ///< of all
  double mean;         ///< of y·unit − origin
  double spread;       ///< Σ(y·unit − origin − mean)²
  double unitSquares;  ///< Σ(value·unit − y·unit)²
  double squares;      ///< Σ(value − y)²
  double distances;    ///< Σ|value − y|
  double largest;      ///< |y|; not finite where one is not
};

struct Level {
  const char* name;
  Kernels<float> float32;
  Kernels<double> float64;
  void (*classScores)(const ScoredRows&, ClassScores&);
  void (*valueScores)(const ScoredRows&, ValueScores&);
};

namespace portable {
const Level& level() noexcept;
}
#if defined(__x86_64__)
namespace x86_64_v2 {
const Level& level() noexcept;
}
namespace x86_64_v3 {
const Level& level() noexcept;
}
namespace x86_64_v4 {
const Level& level() noexcept;
}
#endif

}  // namespace thalweg::cpu
