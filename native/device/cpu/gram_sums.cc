#include "gram_sums.h"

#include <algorithm>

#include "../../error.h"
#include "../host_memory.h"
#include "matrix.h"
#include "passes.h"
#include "pieces.h"

namespace thalweg::cpu {
namespace {

/// Blocks are joined in groups of a fixed count, each with sums of its own: sums for each block
/// would be too many.
constexpr std::size_t mostGroups = 8;

/// The products of sparse columns with each other, with the dense ones, with 1 and with targets.
class SparseSums {
 public:
  SparseSums(std::size_t sparse, std::size_t others)
      : sparse_(sparse),
        others_(others),
        withOthers_(sparse * others),
        withSparse_(sparse * sparse) {}

  /// Of a row: `entries` by rising column, and what stands in the other columns, times its weight.
  void add(std::span<const std::pair<std::size_t, double>> entries,
           std::span<const double> weighted, double weight) noexcept {
    for (std::size_t p = 0; p < entries.size(); ++p) {
      const auto [column, value] = entries[p];
      double* const others = &withOthers_[column * others_];
      for (std::size_t j = 0; j < others_; ++j) others[j] += value * weighted[j];
      double* const row = &withSparse_[column * sparse_];
      const double scaled = weight * value;
      for (std::size_t q = p; q < entries.size(); ++q)
        row[entries[q].first] += scaled * entries[q].second;
    }
  }
  void add(const SparseSums& more) noexcept {
    for (std::size_t i = 0; i < withOthers_.size(); ++i) withOthers_[i] += more.withOthers_[i];
    for (std::size_t i = 0; i < withSparse_.size(); ++i) withSparse_[i] += more.withSparse_[i];
  }

  [[nodiscard]] double withOther(std::size_t column, std::size_t other) const noexcept {
    return withOthers_[column * others_ + other];
  }
  /// first ≤ second
  [[nodiscard]] double withSparse(std::size_t first, std::size_t second) const noexcept {
    return withSparse_[first * sparse_ + second];
  }

 private:
  std::size_t sparse_;
  std::size_t others_;
  std::vector<double> withOthers_;
  std::vector<double> withSparse_;
};

/// Values go over their scales here, since the squares of what is held may leave the range of a
/// double.
template <typename T>
void addSparse(const Rows<T>& rows, std::size_t targets, const std::vector<double>& scales,
               SparseSums& sums) {
  std::vector<std::pair<std::size_t, double>> entries;
  std::vector<double> others(rows.columns + 1 + targets);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::size_t row = rows.number(i);
    const double weight = rows.weights == nullptr ? 1 : static_cast<double>(rows.weight(row));
    if (weight == 0) continue;
    for (std::size_t j = 0; j < rows.columns; ++j)
      others[j] = weight * static_cast<double>(rows.row(row)[j]);
    others[rows.columns] = weight;
    for (std::size_t k = 0; k < targets; ++k)
      others[rows.columns + 1 + k] = weight * static_cast<double>(rows.target(row * targets + k));
    entries.clear();
    eachEntry(*rows.sparse, row, [&](std::size_t column, T value) {
      const double scale = scales.empty() ? 1 : scales[column];
      entries.emplace_back(column, static_cast<double>(value) / scale);
    });
    std::sort(entries.begin(), entries.end());
    sums.add(entries, others, weight);
  }
}

/// AᵀWA, square, both triangles.
class Square {
 public:
  explicit Square(std::size_t width) : width_(width), values_(width * width) {}

  /// Of columns that there are.
  void set(std::size_t p, std::size_t q, double value) noexcept {
    if (p >= width_ || q >= width_) return;
    values_[p * width_ + q] = value;
    values_[q * width_ + p] = value;
  }
  [[nodiscard]] double at(std::size_t p, std::size_t q) const noexcept {
    return values_[p * width_ + q];
  }
  [[nodiscard]] std::vector<double> take() && noexcept { return std::move(values_); }

  /// Turns products of sparse columns over their scales into those of what they stand for, which
  /// are less their means too. `ones` is the column of 1.
  void center(const Layout& layout, std::size_t ones) {
    if (layout.scales.empty()) return;
    std::vector<double> means(width_);
    for (std::size_t j = 0; j < layout.sparse(); ++j) {
      const std::uint32_t column = layout.place(layout.dense + j);
      if (column != Layout::nowhere) means[column] = layout.means[j] / layout.scales[j];
    }
    std::vector<double> sums(width_);
    for (std::size_t p = 0; p < width_; ++p) sums[p] = at(p, ones);
    const double weight = at(ones, ones);
    for (std::size_t p = 0; p < width_; ++p) {
      for (std::size_t q = p; q < width_; ++q) {
        set(p, q, at(p, q) - means[p] * sums[q] - means[q] * (sums[p] - weight * means[p]));
      }
    }
  }

 private:
  std::size_t width_;
  std::vector<double> values_;
};

}  // namespace

template <typename T>
std::vector<double> gramSums(ThreadPool& pool, const Level& level, const Problem& problem,
                             const CancelFlag& cancelled) {
  const Matrix& X = problem.X;
  const std::size_t outputs = problem.y.columns();
  const std::size_t dense = X.layout().dense;
  const std::size_t sparse = X.layout().sparse();
  const std::size_t stride = gramStride(dense, outputs);
  const Blocks blocks(X.rows(), X.columns(), sizeof(T));
  const PieceOrder order(blocks, mostGroups);
  const std::size_t count = order.sequences();
  const std::size_t others = dense + 1 + outputs;
  checkHostMemory(matrixBytes(stride, stride * count, Dtype::float64) +
                      matrixBytes(sparse, (sparse + others) * count, Dtype::float64),
                  "cpu", "plan: 'fused'");
  std::vector<std::vector<double>> grams(count);
  for (auto& gram : grams) gram.resize(gramRows(dense, outputs) * stride);
  std::vector<SparseSums> sparseSums(count, SparseSums(sparse, others));
  std::vector<std::vector<double>> scratch(pool.threads(),
                                           std::vector<double>(2 * gramTileRows * stride));
  overPieces<T>(pool, Operands<T>(problem), order, cancelled,
                [&](const Rows<T>& rows, const Piece& piece, std::size_t thread) {
                  kernelsOf<T>(level).gram(rows, outputs, stride, scratch[thread].data(),
                                           grams[piece.sequence].data());
                  if (sparse > 0)
                    addSparse(rows, outputs, X.layout().scales, sparseSums[piece.sequence]);
                });
  for (std::size_t group = 1; sparse > 0 && group < count; ++group)
    sparseSums[0].add(sparseSums[group]);
  Square total(X.columns() + 1 + outputs);
  // Where a column of [dense, 1, y], and a sparse one, stands among all.
  const auto placeOf = [&](std::size_t p) {
    return p < dense ? std::size_t{X.layout().place(p)} : p - dense + X.columns();
  };
  const auto placeOfSparse = [&](std::size_t j) {
    return std::size_t{X.layout().place(dense + j)};
  };
  for (std::size_t p = 0; p < others; ++p) {
    for (std::size_t q = p; q < others; ++q) {
      double sum = 0;
      for (const auto& gram : grams) sum += gram[p * stride + q];
      total.set(placeOf(p), placeOf(q), sum);
    }
    for (std::size_t j = 0; j < sparse; ++j)
      total.set(placeOf(p), placeOfSparse(j), sparseSums[0].withOther(j, p));
  }
  for (std::size_t i = 0; i < sparse; ++i) {
    for (std::size_t j = i; j < sparse; ++j)
      total.set(placeOfSparse(i), placeOfSparse(j), sparseSums[0].withSparse(i, j));
  }
  total.center(X.layout(), X.columns());
  return std::move(total).take();
}

template std::vector<double> gramSums<float>(ThreadPool&, const Level&, const Problem&,
                                             const CancelFlag&);
template std::vector<double> gramSums<double>(ThreadPool&, const Level&, const Problem&,
                                              const CancelFlag&);

}  // namespace thalweg::cpu
