#include "streamed_rows.h"

#include <algorithm>

namespace thalweg::kernels {
namespace {

/// Enough for a disk of several queues.
constexpr std::size_t piecesAhead = 8;

}  // namespace

StreamedRows::StreamedRows(KernelQueue& queue, const KernelMatrix& X, std::uint64_t mostRows)
    : queue_(queue), X_(X), mostRows_(std::min(mostRows, X.rows())) {
  if (X.spool() == nullptr) return;
  for (Room& room : rooms_) room.buffer = queue.allocate(mostRows_ * X.rowBytes());
  stream_ = std::make_unique<PieceStream>(
      *X.spool(), X.placing().residency == Residency::disk ? piecesAhead : 1);
}

Part StreamedRows::onDevice(const Part& part) {
  if (X_.sparse() != nullptr) return written(part);
  if (!stream_) return part;
  if (!there_ || there_->first != part.first || there_->rows != part.rows) {
    if (there_) rooms_[last_].used = queue_.fence();
    there_.reset();
    last_ = 1 - last_;
    Room& room = rooms_[last_];
    if (room.used) room.used->wait();
    room.used.reset();
    fill(*room.buffer, part.first, part.rows);
    there_ = part;
  }
  Part there = part;
  there.X = rooms_[last_].buffer.get();
  there.rowX = 0;
  return there;
}

/// In one buffer, since launches follow each other.
Part StreamedRows::written(const Part& part) {
  auto& buffer = rooms_[0].buffer;
  if (!buffer) buffer = queue_.allocate(mostRows_ * X_.rowBytes());
  if (!there_ || there_->first != part.first || there_->rows != part.rows) {
    X_.sparse()->writeOut({.first = part.first, .count = part.rows}, *buffer);
    there_ = part;
  }
  Part there = part;
  there.X = buffer.get();
  there.rowX = 0;
  return there;
}

void StreamedRows::fill(const Buffer& buffer, std::uint64_t first, std::uint64_t rows) {
  const SpooledRows& spool = *X_.spool();
  const std::uint64_t rowBytes = X_.rowBytes();
  for (std::uint64_t done = 0; done < rows;) {
    const std::uint64_t number = (first + done) / spool.rowsPerPiece();
    const std::uint64_t within = (first + done) % spool.rowsPerPiece();
    const std::uint64_t some = std::min(rows - done, spool.rowsPerPiece() - within);
    queue_.writeAside(buffer, done * rowBytes,
                      {piece(number) + within * rowBytes, some * rowBytes});
    done += some;
  }
}

const std::byte* StreamedRows::piece(std::uint64_t number) {
  const std::uint64_t pieces = X_.spool()->pieces();
  while (!stream_->isEmpty() && atHand_ != number) {
    stream_->drop();
    atHand_ = (atHand_ + 1) % pieces;
  }
  if (stream_->isEmpty()) atHand_ = asked_ = number;
  while (stream_->hasRoom()) {
    stream_->ask(asked_);
    asked_ = (asked_ + 1) % pieces;
  }
  return stream_->front();
}

std::uint64_t rowsTogether(const KernelMatrix& X, std::uint64_t most) {
  return X.sparse() == nullptr ? most : std::min(most, rowsWrittenTogether(X));
}

}  // namespace thalweg::kernels
