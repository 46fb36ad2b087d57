#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "../../device.h"
#include "../../optimizer.h"
#include "sizes.h"

namespace thalweg::kernels {

/// What is compiled together, when its first kernel is asked for.
enum class Unit {
  gradient,
  gradientNarrow,
  gradientSweep,  ///< wide shape only, as gradientSlices
  gradientSlices,
  outputs,          ///< of rows with several outputs: all passes,
  gradientOutputs,  ///< and that of few outputs in the wide shape, in one kernel
  forward,
  update,
  steps,
  gather,
  written,  ///< rows with sparse columns, written out
  sparse,   ///< passes over such rows
  gram,
  read,
};

/// How a kernel holds the rows of a matrix: the names are those that kernels know them by.
struct Tiling {
  std::uint32_t rowLanes = 0;    ///< ROW_LANES: work-items along the columns of a row
  std::uint32_t columns = 0;     ///< COLUMNS: of a row, in the registers of a work-item
  std::uint32_t rows = 0;        ///< ROWS: at once
  std::uint32_t rowsAtOnce = 0;  ///< side by side in a group; 0: as many as the usual group holds
  std::uint32_t pack = 1;        ///< PACK: neighbouring columns that are loaded together
  std::uint32_t outputs = 0;     ///< OUTPUTS: of a row, at once
  std::uint32_t chunks = 0;      ///< CHUNKS: of a row's columns, in the registers of a group

  [[nodiscard]] auto operator<=>(const Tiling&) const = default;
};

/// What one program is compiled for.
struct ProgramKey {
  Unit unit;
  Dtype dtype;
  Tiling tiling{};             ///< of units that hold rows in the wide shape, and gradientNarrow
  std::int32_t optimizer = 0;  ///< of units that step: its code in kernels/math/optimizers.h
  bool weighted = false;       ///< of units that read labels: whether rows have weights
  bool softmax = false;        ///< of units with several outputs: whether these are shares of 1

  [[nodiscard]] auto operator<=>(const ProgramKey&) const = default;
};

/// Work-items a group of the program's kernels.
[[nodiscard]] std::uint32_t groupSizeOf(const ProgramKey& key, const KernelSizes& sizes);

/// The gradient program of the wide shape for n columns: in registers as long as a group holds a
/// row, and gradientSweep beyond that.
[[nodiscard]] ProgramKey wideGradient(const KernelSizes& sizes, Dtype dtype, std::uint64_t n);

/// The program of the wide shape for passes without a gradient over n columns: a row belongs to as
/// many work-items as in wideGradient.
[[nodiscard]] ProgramKey wideForward(const KernelSizes& sizes, Dtype dtype, std::uint64_t n);

/// The program of the wide shape for steps of `batchSize` rows of n columns in one group.
[[nodiscard]] ProgramKey wideSteps(const KernelSizes& sizes, Dtype dtype, std::uint64_t n,
                                   std::uint64_t batchSize);

/// The tile of kernels/outputs.wide.h.
struct OutputsTile {
  std::uint32_t rows;
  std::uint32_t columns;

  /// SWEEP, where a work-item takes so many outputs.
  [[nodiscard]] std::uint64_t sweep(const KernelSizes& sizes,
                                    std::uint64_t outputs) const noexcept {
    return sizes.pass.groupSize / columns * outputs;
  }
};
[[nodiscard]] OutputsTile outputsTile(const KernelSizes& sizes, Dtype dtype) noexcept;

/// Rows of X with K > 1 outputs.
struct OutputsProblem {
  Dtype dtype;
  std::uint64_t columns;
  std::uint64_t outputs;
  bool softmax;

  /// Weights and intercepts.
  [[nodiscard]] std::uint64_t unknowns() const noexcept { return (columns + 1) * outputs; }
};

/// The program of all passes over such rows.
[[nodiscard]] ProgramKey outputsProgram(const KernelSizes& sizes, const OutputsProblem& problem);

/// That of the gradient pass: Unit::gradientOutputs where registers hold the gradient.
[[nodiscard]] ProgramKey outputsGradientProgram(const KernelSizes& sizes,
                                                const OutputsProblem& problem);

/// The program of passes over rows with sparse columns.
[[nodiscard]] ProgramKey sparseProgram(Dtype dtype, std::uint64_t outputs, bool softmax);

/// Every program that a device with these sizes may compile; steps by other optimisers than the
/// plain one, which only end in another step, of the longest rows alone, and of those over rows
/// with weights, which read a number more a row, the one of each unit that holds most of a row.
[[nodiscard]] std::vector<ProgramKey> everyProgram(const KernelSizes& sizes, bool float64);

}  // namespace thalweg::kernels
