#include "staging.h"

#include <algorithm>
#include <utility>

namespace thalweg {
namespace {

constexpr std::size_t mostKept = 2;

}  // namespace

Staging::Piece Staging::take(std::size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    kept_.reserve(mostKept);
    const auto fits = std::find_if(kept_.begin(), kept_.end(),
                                   [&](const Piece& piece) { return piece.room() >= bytes; });
    if (fits != kept_.end()) {
      Piece piece = std::move(*fits);
      kept_.erase(fits);
      return piece;
    }
  }
  return Piece(bytes);
}

void Staging::giveBack(Piece piece) noexcept {
  const std::lock_guard lock(mutex_);
  if (!closed_ && kept_.size() < mostKept) kept_.push_back(std::move(piece));
}

void Staging::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  kept_.clear();
}

}  // namespace thalweg
