#include "pieces.h"

#include <atomic>
#include <exception>
#include <mutex>

#include "../../error.h"

namespace thalweg::cpu {
namespace {

template <typename T>
void overPiecesInMemory(ThreadPool& pool, const Operands<T>& on, const PieceOrder& order,
                        const CancelFlag& cancelled, const OverPiece<T>& use) {
  pool.forEach(order.sequences(), [&](std::size_t sequence, std::size_t thread) {
    for (Piece piece = order.first(sequence); piece.count > 0; piece = order.next(piece)) {
      if (cancelled.load(std::memory_order_relaxed)) return;
      use(on.rows({}, piece.first, piece.count), piece, thread);
    }
  });
}

/// The first failure of several threads, which then stop.
class FirstFailure {
 public:
  [[nodiscard]] bool isThere() const noexcept { return isThere_.load(std::memory_order_relaxed); }
  void note(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    isThere_ = true;
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> isThere_{false};
  std::exception_ptr failure_;
};

/// Each thread takes a sequence when it asks for the first piece of it, some pieces before it gets
/// there.
template <typename T>
class SpooledPass {
 public:
  SpooledPass(const Operands<T>& on, const PieceOrder& order, const CancelFlag& cancelled,
              const OverPiece<T>& use)
      : on_(on),
        order_(order),
        cancelled_(cancelled),
        use_(use),
        rowsPerPiece_(on.spooled()->spool().rowsPerPiece()) {}

  void over(ThreadPool& pool) {
    std::vector<PieceStream>& streams = on_.spooled()->streams(pool.threads());
    pool.forEach(streams.size(), [&](std::size_t stream, std::size_t thread) {
      try {
        work(streams[stream], thread);
      } catch (...) {
        failure_.note(std::current_exception());
      }
      streams[stream].clear();
    });
    failure_.rethrow();
  }

 private:
  void work(PieceStream& stream, std::size_t thread) {
    std::deque<Piece> asked;
    Piece coming{};  // of no rows: none is under way
    for (;;) {
      while (stream.hasRoom()) {
        if (coming.count == 0) {
          const std::size_t sequence = next_.fetch_add(1, std::memory_order_relaxed);
          if (sequence >= order_.sequences()) break;
          coming = order_.first(sequence);
        }
        stream.ask(coming.first / rowsPerPiece_);
        asked.push_back(coming);
        coming = order_.next(coming);
      }
      if (asked.empty()) return;
      if (failure_.isThere() || cancelled_.load(std::memory_order_relaxed)) return;
      const Piece& piece = asked.front();
      use_(on_.rowsAt(stream.front(), piece.first, piece.count), piece, thread);
      asked.pop_front();
      stream.drop();
    }
  }

  const Operands<T>& on_;
  const PieceOrder& order_;
  const CancelFlag& cancelled_;
  const OverPiece<T>& use_;
  std::size_t rowsPerPiece_;
  std::atomic<std::size_t> next_{0};  ///< sequence that no thread has taken
  FirstFailure failure_;
};

}  // namespace

Piece PieceOrder::next(const Piece& piece) const noexcept {
  const std::size_t end = piece.first + piece.count;
  if (end % blocks_.rowsPerBlock != 0) return pieceAt(piece.sequence, end, false);
  const std::size_t block = end / blocks_.rowsPerBlock - 1 + sequences_;
  return pieceAt(piece.sequence, blocks_.first(block), false);
}

template <typename T>
void overPieces(ThreadPool& pool, const Operands<T>& on, const PieceOrder& order,
                const CancelFlag& cancelled, const OverPiece<T>& use) {
  if (on.spooled() == nullptr) {
    overPiecesInMemory(pool, on, order, cancelled, use);
  } else {
    SpooledPass<T>(on, order, cancelled, use).over(pool);
  }
  if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
}

template void overPieces(ThreadPool&, const Operands<float>&, const PieceOrder&, const CancelFlag&,
                         const OverPiece<float>&);
template void overPieces(ThreadPool&, const Operands<double>&, const PieceOrder&, const CancelFlag&,
                         const OverPiece<double>&);
template void overPieces(ThreadPool&, const Operands<std::uint32_t>&, const PieceOrder&,
                         const CancelFlag&, const OverPiece<std::uint32_t>&);

}  // namespace thalweg::cpu
