#include "sparse_part.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../counts.h"
#include "../held_rows.h"
#include "../slices.h"
#include "matrix.h"
#include "run/values.h"

namespace thalweg::kernels {
namespace {

/// Entries of a segment are so many or more, and of a column are so many segments or fewer, by the
/// shape alone: a few work-items add up each, and a few the segments of a column.
constexpr std::uint64_t leastSegment = 1024;
constexpr std::uint64_t mostSegments = 4096;

/// 128 MiB of the host's memory.
constexpr std::uint64_t mostSquares = std::uint64_t{1} << 24U;

/// Codes of a column begin where any kernel may load them.
constexpr std::uint64_t codesAlignment = 16;

std::uint64_t codesBytes(std::uint64_t rows, std::uint64_t levels) noexcept {
  return roundUp(rows * codeBytes(levels), codesAlignment);
}

std::uint64_t allCodesBytes(std::uint64_t rows, const Layout& layout) noexcept {
  std::uint64_t bytes = 0;
  for (const std::uint64_t levels : layout.levels) bytes += codesBytes(rows, levels);
  return bytes;
}

/// The buffers, at most, but for the smallest.
std::vector<std::uint64_t> bufferBytes(std::uint64_t rows, const Layout& layout, Dtype dtype) {
  const std::uint64_t sparse = layout.sparse();
  const std::uint64_t entries = rows * layout.levels.size() + layout.entries;
  return {allCodesBytes(rows, layout),
          layout.compressed > 0 ? (rows + 1) * sizeof(std::uint64_t) : 0,
          layout.entries * sizeof(std::uint32_t),
          layout.entries * sizeOf(dtype),
          entries * sizeof(std::uint32_t),
          layout.entries * sizeOf(dtype),
          (sparse + mostSegments + 1) * sizeof(std::uint64_t),
          (sparse + 1) * sizeof(std::uint64_t),
          2 * sparse * sizeOf(dtype),
          layout.held() * sizeof(std::uint32_t)};
}

/// The columns of the entries, one after the other, and where they begin.
struct ByColumns {
  std::vector<std::uint64_t> begins;
  std::vector<std::uint64_t> segments{0};
  std::vector<std::uint64_t> segmentsOf{0};

  explicit ByColumns(std::vector<std::uint64_t> counts) : begins(std::move(counts)) {
    std::uint64_t entries = 0;
    for (const std::uint64_t count : begins) entries += count;
    const std::uint64_t most = std::max(leastSegment, divideUp(entries, mostSegments));
    std::uint64_t begin = 0;
    for (std::uint64_t& count : begins) {
      const std::uint64_t end = begin + count;
      for (std::uint64_t at = begin; at < end; at += most)
        segments.push_back(std::min(at + most, end));
      segmentsOf.push_back(segments.size() - 1);
      count = begin;
      begin = end;
    }
  }
};

}  // namespace

bool SparsePart::fits(const QueueLimits& limits, std::uint64_t rows, const Layout& layout,
                      Dtype dtype) noexcept {
  constexpr std::uint64_t counted = std::numeric_limits<std::uint32_t>::max();
  if (rows > counted || layout.held() > counted) return false;
  return std::ranges::all_of(bufferBytes(rows, layout, dtype),
                             [&](std::uint64_t bytes) { return bytes <= limits.allocationBytes; });
}

std::uint64_t SparsePart::bytesOf(std::uint64_t rows, const Layout& layout, Dtype dtype) noexcept {
  std::uint64_t bytes = rows * layout.dense * sizeOf(dtype);
  for (const std::uint64_t each : bufferBytes(rows, layout, dtype)) bytes += each;
  return bytes;
}

SparsePart::SparsePart(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                       const Matrix& of)
    : queue_(queue), programs_(programs), sizes_(sizes), of_(of) {
  queue.expectRoom(bytesOf(of.rows(), of.layout(), of.dtype()));
  host_ = std::make_unique<SparseStorage>(of.rows(), of.layout(), of.dtype());
  dense_ = denseMatrix();
  buffers_ = std::make_shared<SparseBuffers>();
  describe();
  const bool hasFew = of.columns() <= mostSquares;
  if (hasFew && !of.layout().isCentred()) squares_.resize(of.layout().held());
}

SparsePart::SparsePart(const SparsePart& X, const Matrix& of, int exponent)
    : queue_(X.queue_),
      programs_(X.programs_),
      sizes_(X.sizes_),
      of_(of),
      squares_(X.squares_),
      dense_(denseMatrix()),
      buffers_(X.buffers_) {
  describe();
  for (double& square : squares_) square = std::ldexp(square, 2 * exponent);
  if (!dense_) return;
  readAll(*X.dense_, [&](std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) {
    multiplyByPowerOfTwo(bytes, of.dtype(), exponent);
    dense_->write(first, count, bytes);
  });
}

SparsePart::~SparsePart() = default;

std::unique_ptr<KernelMatrix> SparsePart::denseMatrix() const {
  if (of_.layout().dense == 0) return nullptr;
  return std::make_unique<KernelMatrix>(queue_, of_.rows(), of_.layout().dense, of_.dtype(),
                                        Placing{});
}

template <typename Value>
std::unique_ptr<Buffer> SparsePart::bufferOf(std::span<const Value> values) const {
  auto buffer = queue_.allocate(std::max<std::uint64_t>(values.size_bytes(), sizeof(Value)));
  if (!values.empty()) queue_.write(*buffer, 0, std::as_bytes(values));
  return buffer;
}

void SparsePart::describe() {
  const Layout& layout = of_.layout();
  shape_ = {.n = static_cast<std::uint32_t>(layout.columns()),
            .dense = static_cast<std::uint32_t>(layout.dense),
            .sparse = static_cast<std::uint32_t>(layout.sparse()),
            .codeColumns = static_cast<std::uint32_t>(layout.levels.size()),
            .isCompressed = layout.compressed > 0 ? 1 : 0,
            .isScaled = layout.scales.empty() ? 0 : 1};
  std::vector<std::uint32_t> places(layout.held());
  for (std::size_t h = 0; h < places.size(); ++h) places[h] = layout.place(h);
  places_ = bufferOf<std::uint32_t>(places);
  std::vector<double> scaling = layout.means;
  for (const double scale : layout.scales) scaling.push_back(1 / scale);
  scaling_ = bufferOf<std::byte>(toReals(scaling, of_.dtype()));
}

std::vector<double> SparsePart::squares() const {
  if (squares_.empty()) return {};
  return numbersOfX(of_.layout(), squares_);
}

void SparsePart::append(const SparseRows& rows) { host_->append(rows, of_.layout().dense); }

template <typename T>
Summary SparsePart::see(std::uint64_t first, std::uint64_t count,
                        std::span<const std::byte> dense) {
  const auto* const values = reinterpret_cast<const T*>(dense.data());
  const HeldRows<T> rows{of_.layout(), host_->view<T>(), values, first};
  if (!squares_.empty()) rows.addSquares(first, count, squares_);
  return rows.summaryOf(first, count);
}

Summary SparsePart::commit(std::uint64_t first, std::uint64_t count,
                           std::span<const std::byte> dense) {
  const bool isFloat = of_.dtype() == Dtype::float32;
  const Summary summary =
      isFloat ? see<float>(first, count, dense) : see<double>(first, count, dense);
  if (dense_) dense_->write(first, count, dense);
  if (first + count == of_.rows()) {
    if (isFloat) {
      upload<float>();
    } else {
      upload<double>();
    }
    host_.reset();
  }
  return summary;
}

template <typename T>
void SparsePart::upload() {
  const Layout& layout = of_.layout();
  const std::uint64_t rows = of_.rows();
  const auto held = host_->view<T>();
  SparseBuffers& to = *buffers_;
  std::vector<HeldCodes> columns;
  std::uint64_t at = 0;
  to.codes = queue_.allocate(std::max(allCodesBytes(rows, layout), codesAlignment));
  for (std::size_t c = 0; c < held.codeCount; ++c) {
    const CodeColumn& column = held.codes[c];
    queue_.write(*to.codes, at, {static_cast<const std::byte*>(column.codes), rows * column.bytes});
    columns.push_back({.at = at,
                       .bytes = static_cast<std::uint32_t>(column.bytes),
                       .first = static_cast<std::uint32_t>(column.first)});
    at += codesBytes(rows, layout.levels[c]);
  }
  to.codeColumns = bufferOf<HeldCodes>(columns);
  const bool isCompressed = held.values != nullptr;
  const std::uint64_t entries = isCompressed ? held.begins[rows] : 0;
  to.begins = bufferOf<std::uint64_t>({held.begins, isCompressed ? rows + 1 : 0});
  to.columns = bufferOf<std::uint32_t>({held.columns, entries});
  to.values = bufferOf<T>({held.values, entries});
  uploadByColumns(held);
  for (const Buffer* buffer :
       {to.codes.get(), to.codeColumns.get(), to.begins.get(), to.columns.get(), to.values.get(),
        to.rows.get(), to.valuesByColumn.get(), to.segments.get(), to.segmentsOf.get()})
    to.bytes += buffer->bytes();
}

/// A sort by counting: rows stay in order.
template <typename T>
void SparsePart::uploadByColumns(const SparseColumns<T>& held) {
  const Layout& layout = of_.layout();
  const std::uint64_t rows = of_.rows();
  const auto isOfX = [&](std::size_t column) {
    return layout.place(layout.dense + column) != Layout::nowhere;
  };
  std::vector<std::uint64_t> counts(held.count);
  std::uint64_t compressed = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    eachEntry(held, row, [&](std::size_t column, T) {
      if (isOfX(column)) ++counts[column];
    });
  }
  for (std::uint64_t column = layout.coded(); column < held.count; ++column)
    compressed += counts[column];
  ByColumns columns(std::move(counts));
  SparseBuffers& to = *buffers_;
  to.segmentCount = columns.segments.size() - 1;
  const std::uint64_t entries = columns.segments.back();
  to.codeEntries = entries - compressed;
  std::vector<std::uint32_t> rowsOf(entries);
  std::vector<T> values(compressed);
  std::vector<std::uint64_t>& next = columns.begins;
  for (std::uint64_t row = 0; row < rows; ++row) {
    eachEntry(held, row, [&](std::size_t column, T value) {
      if (!isOfX(column)) return;
      const std::uint64_t at = next[column]++;
      rowsOf[at] = static_cast<std::uint32_t>(row);
      if (at >= to.codeEntries) values[at - to.codeEntries] = value;
    });
  }
  to.rows = bufferOf<std::uint32_t>(rowsOf);
  to.valuesByColumn = bufferOf<T>(values);
  to.segments = bufferOf<std::uint64_t>(columns.segments);
  to.segmentsOf = bufferOf<std::uint64_t>(columns.segmentsOf);
}

void SparsePart::writeOut(const RowsToWrite& rows, const Buffer& to) const {
  const Kernel& kernel = programs_.kernel(Unit::written, of_.dtype(), "write_out");
  const std::uint64_t most =
      std::uint64_t{queue_.limits().computeUnits} * sizes_.pass.groupsPerUnit;
  // Without indexes any buffer stands in for them, and so it does for dense columns.
  const Buffer* indexes = rows.indexes != nullptr ? rows.indexes : places_.get();
  WriteOutArguments arguments{.shape = shape_,
                              .firstX = 0,
                              .firstRow = 0,
                              .partRows = of_.rows(),
                              .first = rows.first,
                              .count = rows.count,
                              .byIndex = rows.indexes != nullptr ? 1 : 0};
  const auto launch = [&](const Buffer& dense) {
    queue_.launch(kernel, std::min(rows.count, most), sizes_.pass.groupSize,
                  {&dense, buffers_->codes.get(), buffers_->codeColumns.get(),
                   buffers_->begins.get(), buffers_->columns.get(), buffers_->values.get(),
                   places_.get(), scaling_.get(), indexes, &to},
                  kernels::bytesOf(arguments));
  };
  if (!dense_) return launch(*places_);
  for (const KernelMatrix::Block& block : dense_->blocks()) {
    arguments.firstRow = block.first;
    arguments.partRows = block.rows;
    launch(*block.buffer);
  }
}

std::uint64_t SparsePart::bytes() const noexcept {
  const std::uint64_t dense = dense_ ? dense_->heldBytes() : 0;
  return dense + places_->bytes() + scaling_->bytes() +
         (host_ ? bytesOf(of_.rows(), of_.layout(), of_.dtype()) : buffers_->bytes);
}

}  // namespace thalweg::kernels
