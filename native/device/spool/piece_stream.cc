#include "piece_stream.h"

namespace thalweg {

PieceStream::PieceStream(const SpooledRows& rows, std::size_t room) : rows_(&rows) {
  while (slots_.size() < room) slots_.push_back(std::make_unique<Slot>(rows.pieceRoom()));
}

PieceStream::~PieceStream() { clear(); }

void PieceStream::ask(std::uint64_t piece) {
  const bool isThere = rows_->kept(piece) != nullptr;
  asked_.push_back({piece, next_, true});
  if (!isThere) rows_->begin(piece, slots_[next_]->reading);
  // What never began is not waited for.
  asked_.back().isThere = isThere;
  next_ = (next_ + 1) % slots_.size();
}

const std::byte* PieceStream::front() {
  const Asked& first = asked_.front();
  if (first.isThere) return rows_->kept(first.piece);
  Slot& slot = *slots_[first.slot];
  rows_->finish(slot.reading);
  return slot.memory.data();
}

void PieceStream::drop() noexcept {
  const Asked& first = asked_.front();
  if (!first.isThere) rows_->abandon(slots_[first.slot]->reading);
  asked_.pop_front();
}

void PieceStream::clear() noexcept {
  for (const Asked& each : asked_) {
    if (!each.isThere) rows_->abandon(slots_[each.slot]->reading);
  }
  asked_.clear();
}

}  // namespace thalweg
