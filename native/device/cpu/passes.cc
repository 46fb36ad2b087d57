#include "passes.h"

#include <algorithm>
#include <numeric>

#include "../../counts.h"
#include "../../error.h"
#include "../host_memory.h"
#include "pieces.h"

namespace thalweg::cpu {

template <typename T>
Passes<T>::Passes(ThreadPool& pool, const Level& level, const Problem& problem,
                  const CancelFlag& cancelled)
    : pool_(pool),
      kernels_(kernelsOf<T>(level)),
      objective_(problem.objective),
      cancelled_(cancelled),
      on_(problem),
      rowCount_(problem.X.rows()),
      processes_(divideUp(problem.allRows(), rowCount_)),
      sums_(problem.X.layout().held() * objective_.outputs),
      total_(noSums()) {
  scratch_.resize(pool.threads(), Padded<T>(scratchSize<T>(problem.X.layout().dense,
                                                           objective_.outputs, on_.isSparse())));
}

template <typename T>
PassSums Passes<T>::noSums(std::size_t weights) const {
  return {.gradient = std::vector<double>(weights),
          .intercepts = std::vector<double>(objective_.outputs)};
}

template <typename T>
void Passes<T>::clear(PassSums& sums) {
  std::fill(sums.gradient.begin(), sums.gradient.end(), 0.0);
  std::fill(sums.intercepts.begin(), sums.intercepts.end(), 0.0);
  sums.loss = 0;
  sums.earlierLoss = 0;
}

template <typename T>
const PassSums& Passes<T>::gradient(std::span<const std::uint32_t> indices, std::size_t count,
                                    const RoundedParameters<T>& at, const Parameters<T>* earlier) {
  EntriesByColumns* const entries = on_.byColumns();
  if (entries != nullptr && indices.empty() && count == rowCount_ && earlier == nullptr)
    return gradientInTwo(*entries, at);
  const Blocks blocks = blocksOf(count);
  const Parameters<T> parameters = at.at();
  const bool isOneBlock = blocks.count() == 1;
  if (!isOneBlock && blockSums_.size() < blocks.count()) {
    blockSums_.resize(blocks.count(), noSums());
  }
  const auto add = [&](const Rows<T>& some, const Piece& piece, std::size_t thread) {
    PassSums& sums = isOneBlock ? total_ : blockSums_[piece.sequence];
    if (piece.isFirst) clear(sums);
    sums.loss += kernels_.gradient(some, parameters, objective_, scratch_[thread].data(),
                                   sums.gradient.data(), sums.intercepts.data());
    if (earlier != nullptr) sums.earlierLoss += loss(some, *earlier);
  };
  if (indices.empty()) {
    overPieces<T>(pool_, on_, PieceOrder(blocks), cancelled_, add);
  } else if (isOneBlock) {
    Rows<T> selection = rows(indices, 0, count);
    // Rows that another thread may take are not worth fetching here.
    selection.following = indices.size() - count;
    add(selection, Piece{}, 0);
  } else {
    pool_.forEach(blocks.count(), [&](std::size_t block, std::size_t thread) {
      if (cancelled_.load(std::memory_order_relaxed)) return;
      add(rows(indices, blocks.first(block), blocks.rowsIn(block)), Piece{.sequence = block},
          thread);
    });
    if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  }
  if (!isOneBlock) addUp(std::span(blockSums_).first(blocks.count()));
  at.turnGradient(total_.gradient, total_.intercepts);
  return total_;
}

template <typename T>
const PassSums& Passes<T>::gradientInTwo(EntriesByColumns& entries,
                                         const RoundedParameters<T>& at) {
  const std::size_t outputs = objective_.outputs;
  const std::size_t dense = sums_ - on_.sparse()->count * outputs;
  const Blocks blocks = lossBlocks();
  const Parameters<T> parameters = at.at();
  if (deltas_.empty()) checkHostMemory(rowCount_ * outputs * sizeof(T), "cpu");
  deltas_.resize(rowCount_ * outputs);
  denseSums_.resize(blocks.count(), noSums(dense));
  overPieces<T>(pool_, on_, PieceOrder(blocks), cancelled_,
                [&](const Rows<T>& some, const Piece& piece, std::size_t thread) {
                  PassSums& sums = denseSums_[piece.sequence];
                  if (piece.isFirst) clear(sums);
                  sums.loss += kernels_.denseGradient(some, parameters, objective_,
                                                      scratch_[thread].data(), sums.gradient.data(),
                                                      sums.intercepts.data(), deltas_.data());
                });
  addUp(denseSums_);
  addCompressed(entries, total_.gradient.data() + dense);
  at.turnGradient(total_.gradient, total_.intercepts);
  return total_;
}

template <typename T>
void Passes<T>::addCompressed(EntriesByColumns& entries, double* gradient) {
  const EntriesByColumns* const columns = entries.forPass(pool_, processes_, cancelled_);
  if (columns == nullptr) {
    // Between some rows the flag is read.
    constexpr std::size_t rowsAtOnce = std::size_t{1} << 14U;
    for (std::size_t row = 0; row < rowCount_; row += rowsAtOnce) {
      if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
      kernels_.gradientOfRows(*on_.sparse(), row, std::min(row + rowsAtOnce, rowCount_),
                              deltas_.data(), objective_.outputs, gradient);
    }
    return;
  }
  const std::span<const std::uint32_t> pieces = columns->pieces();
  pool_.forEach(pieces.size() - 1, [&](std::size_t piece, std::size_t) {
    if (cancelled_.load(std::memory_order_relaxed)) return;
    kernels_.gradientOfColumns(columns->template view<T>(), pieces[piece], pieces[piece + 1],
                               deltas_.data(), objective_.outputs, gradient);
  });
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
}

template <typename T>
void Passes<T>::addUp(std::span<const PassSums> blocks) {
  const std::size_t size = total_.gradient.size();
  // Values that are worth telling another thread of.
  constexpr std::size_t range = 4096;
  pool_.forRanges(size, range, [&](std::size_t begin, std::size_t end) {
    std::fill(&total_.gradient[begin], total_.gradient.data() + end, 0.0);
    for (const PassSums& sums : blocks) {
      const std::size_t last = std::min(end, sums.gradient.size());
      for (std::size_t j = begin; j < last; ++j) total_.gradient[j] += sums.gradient[j];
    }
  });
  std::fill(total_.intercepts.begin(), total_.intercepts.end(), 0.0);
  total_.loss = total_.earlierLoss = 0;
  for (const PassSums& sums : blocks) {
    for (std::size_t k = 0; k < total_.intercepts.size(); ++k)
      total_.intercepts[k] += sums.intercepts[k];
    total_.loss += sums.loss;
    total_.earlierLoss += sums.earlierLoss;
  }
}

template <typename T>
double Passes<T>::loss(const Parameters<T>& at) {
  const Blocks blocks = lossBlocks();
  std::vector<double> losses(blocks.count());
  overPieces<T>(pool_, on_, PieceOrder(blocks), cancelled_,
                [&](const Rows<T>& some, const Piece& piece, std::size_t) {
                  losses[piece.sequence] += loss(some, at);
                });
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

template <typename T>
double Passes<T>::lossFrom(std::size_t first, double sum, const Parameters<T>& at) {
  const Blocks blocks = lossBlocks();
  std::vector<double> losses(blocks.count() - first);
  pool_.forEach(losses.size(), [&](std::size_t some, std::size_t) {
    if (cancelled_.load(std::memory_order_relaxed)) return;
    const std::size_t block = first + some;
    losses[some] = loss(rows({}, blocks.first(block), blocks.rowsIn(block)), at);
  });
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
  return std::accumulate(losses.begin(), losses.end(), sum);
}

template class Passes<float>;
template class Passes<double>;

}  // namespace thalweg::cpu
