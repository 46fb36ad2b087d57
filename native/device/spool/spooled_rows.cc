#include "spooled_rows.h"

#include <algorithm>
#include <cstring>

namespace thalweg {
SpooledRows::SpooledRows(std::uint64_t rows, std::uint64_t rowBytes, std::uint64_t rowsPerPiece,
                         const SpoolPlace& place)
    : rows_(rows),
      rowBytes_(rowBytes),
      rowsPerPiece_(std::min(rows, rowsPerPiece)),
      pieceRoom_(roundUp(rowsPerPiece_ * rowBytes, SpoolFile::alignment)),
      keptPieces_(std::min(place.memoryBytes / (rowsPerPiece_ * rowBytes), pieces())),
      kept_(std::min(rows, keptPieces_ * rowsPerPiece_) * rowBytes) {
  if (keptPieces_ == pieces()) return;
  file_ = std::make_unique<SpoolFile>(place.folder, pieceRoom_, pieces() - keptPieces_);
  readers_ = std::make_unique<PieceReaders>(*file_);
  piece_ = std::make_unique<cpu::Memory>(pieceRoom_);
}

void SpooledRows::append(std::span<const std::byte> rows) {
  if (appended_ < kept_.size()) {
    const std::size_t count = std::min<std::size_t>(rows.size(), kept_.size() - appended_);
    std::memcpy(kept_.data() + appended_, rows.data(), count);
    appended_ += count;
    rows = rows.subspan(count);
  }
  const std::uint64_t pieceBytes = rowsPerPiece_ * rowBytes_;
  while (!rows.empty()) {
    const std::uint64_t at = (appended_ - kept_.size()) % pieceBytes;
    const std::size_t count = std::min<std::size_t>(rows.size(), pieceBytes - at);
    std::memcpy(piece_->data() + at, rows.data(), count);
    appended_ += count;
    rows = rows.subspan(count);
    if (at + count == pieceBytes || appended_ == rows_ * rowBytes_) writePiece();
  }
}

void SpooledRows::writePiece() {
  const std::uint64_t pieceBytes = rowsPerPiece_ * rowBytes_;
  const std::uint64_t written = appended_ - kept_.size();
  const std::uint64_t piece = (written - 1) / pieceBytes;
  // What loops read past the end of rows is to be finite.
  const std::uint64_t rest = written - piece * pieceBytes;
  std::memset(piece_->data() + rest, 0, pieceRoom_ - rest);
  file_->write(piece, piece_->data());
}

const std::byte* SpooledRows::kept(std::uint64_t piece) const noexcept {
  return piece < keptPieces_ ? kept_.data() + piece * rowsPerPiece_ * rowBytes_ : nullptr;
}

void SpooledRows::begin(std::uint64_t piece, PieceReaders::Reading& reading) const {
  reading.piece = inFile(piece);
  readers_->begin(reading);
}

void SpooledRows::finish(PieceReaders::Reading& reading) const {
  if (!readers_->wait(reading)) std::rethrow_exception(reading.failure);
  file_->check(reading.piece, reading.into);
}

void SpooledRows::abandon(PieceReaders::Reading& reading) const noexcept {
  readers_->wait(reading);
}

const std::byte* SpooledRows::at(std::uint64_t piece) const {
  if (const std::byte* there = kept(piece)) return there;
  if (pieceAtHand_ != piece) {
    pieceAtHand_.reset();
    file_->read(inFile(piece), piece_->data());
    file_->check(inFile(piece), piece_->data());
    pieceAtHand_ = piece;
  }
  return piece_->data();
}

void SpooledRows::read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const {
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t piece = (first + done) / rowsPerPiece_;
    const std::uint64_t within = (first + done) % rowsPerPiece_;
    const std::uint64_t some = std::min(count - done, rowsPerPiece_ - within);
    std::memcpy(bytes.data() + done * rowBytes_, at(piece) + within * rowBytes_, some * rowBytes_);
    done += some;
  }
}

}  // namespace thalweg
