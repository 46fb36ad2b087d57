#include "spooled_matrix.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "blocks.h"

namespace thalweg::cpu {
namespace {

/// What streams hold in all, but for two pieces each.
constexpr std::uint64_t streamBytes = std::uint64_t{128} << 20U;
/// Past some pieces more a disk is no faster.
constexpr std::uint64_t mostPieces = 8;

class SpoolUpload final : public Upload {
 public:
  SpoolUpload(std::shared_ptr<Staging> staging, std::size_t size,
              std::function<void(std::span<const std::byte>)> write)
      : staging_(std::move(staging)),
        size_(size),
        write_(std::move(write)),
        piece_(staging_->take(size)) {}
  ~SpoolUpload() override { staging_->giveBack(std::move(piece_)); }
  SpoolUpload(const SpoolUpload&) = delete;
  SpoolUpload& operator=(const SpoolUpload&) = delete;

  [[nodiscard]] std::span<std::byte> bytes() noexcept override { return piece_.first(size_); }
  void commit() override { write_(bytes()); }

 private:
  std::shared_ptr<Staging> staging_;
  std::size_t size_;
  std::function<void(std::span<const std::byte>)> write_;
  Staging::Piece piece_;
};

}  // namespace

SpooledMatrix::SpooledMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype,
                             const Placing& placing)
    : Matrix(rows, columns, dtype, placing),
      rows_(rows, rowBytes(), Blocks(rows, columns, sizeOf(dtype)).rowsPerPiece, placing.spool) {}

std::unique_ptr<Upload> SpooledMatrix::beginUpload(std::uint64_t first, std::uint64_t count) {
  return std::make_unique<SpoolUpload>(
      staging_, count * rowBytes(),
      [this, isLast = first + count == rows()](std::span<const std::byte> bytes) {
        rows_.append(bytes);
        if (isLast) staging_->close();
      });
}

std::uint64_t SpooledMatrix::roomOf(std::size_t streams) const {
  return std::clamp<std::uint64_t>(streamBytes / streams / rows_.pieceRoom(), 2, mostPieces);
}

void SpooledMatrix::read(std::uint64_t first, std::uint64_t count,
                         std::span<std::byte> bytes) const {
  const std::uint64_t end = first + count;
  std::uint64_t next = first / rows_.rowsPerPiece();
  const std::uint64_t last = count == 0 ? next : (end - 1) / rows_.rowsPerPiece();
  // Of fewer one is at hand, if it was read last.
  constexpr std::uint64_t fewestPieces = 3;
  if (last - next + 1 < fewestPieces) return rows_.read(first, count, bytes);
  if (!reading_) reading_.emplace(rows_, roomOf(1));
  try {
    for (std::uint64_t row = first; row < end;) {
      while (next <= last && reading_->hasRoom()) reading_->ask(next++);
      const std::uint64_t within = row % rows_.rowsPerPiece();
      const std::uint64_t some = std::min(end - row, rows_.rowsPerPiece() - within);
      std::memcpy(bytes.data() + (row - first) * rowBytes(),
                  reading_->front() + within * rowBytes(), some * rowBytes());
      reading_->drop();
      row += some;
    }
  } catch (...) {
    reading_->clear();
    throw;
  }
}

std::vector<PieceStream>& SpooledMatrix::streams(std::size_t threads) const {
  if (streams_.size() != threads) {
    streams_.clear();
    streams_.reserve(threads);
    while (streams_.size() < threads) streams_.emplace_back(rows_, roomOf(threads));
  }
  return streams_;
}

}  // namespace thalweg::cpu
