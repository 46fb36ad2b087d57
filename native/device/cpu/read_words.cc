#include "read_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "../../error.h"
#include "matrix.h"
#include "pieces.h"

namespace thalweg::cpu {
namespace {

// Enough independent sums that additions never wait for each other, in any processor's vectors.
constexpr std::size_t sumsAtOnce = 64;
constexpr std::size_t blockWords = std::size_t{1} << 20;  // between two looks at the cancel flag
// Told of a page ahead, processors read a third faster than they do by themselves.
constexpr std::size_t wordsAhead = 1024;
constexpr std::size_t lineWords = 16;

std::uint32_t sumOf(std::span<const std::uint32_t> words) {
  std::array<std::uint32_t, sumsAtOnce> sums{};
  const std::uint32_t* word = words.data();
  const std::uint32_t* const end = word + words.size() / sumsAtOnce * sumsAtOnce;
  for (; word < end; word += sumsAtOnce) {
    for (std::size_t k = 0; k < sumsAtOnce; k += lineWords)
      __builtin_prefetch(word + wordsAhead + k);
    for (std::size_t k = 0; k < sumsAtOnce; ++k) sums[k] += word[k];
  }
  for (std::size_t k = 0; k < words.size() % sumsAtOnce; ++k) sums[k] += end[k];
  return std::accumulate(sums.begin(), sums.end(), std::uint32_t{0});
}

std::uint32_t readWordsInMemory(ThreadPool& pool, const CpuMatrix& X, std::uint64_t times,
                                const CancelFlag& cancelled) {
  const std::span<const std::uint32_t> words{
      X.values<std::uint32_t>(),
      X.rows() * X.layout().dense * sizeOf(X.dtype()) / sizeof(std::uint32_t)};
  // A contiguous part each: threads then keep out of each other's pages.
  const std::size_t parts = pool.threads();
  const std::size_t partWords = words.size() / parts + 1;
  std::vector<std::uint32_t> sums(parts);
  for (std::uint64_t time = 0; time < times; ++time) {
    pool.forEach(parts, [&](std::size_t part, std::size_t) {
      const std::size_t end = std::min((part + 1) * partWords, words.size());
      std::uint32_t sum = 0;
      for (std::size_t at = std::min(part * partWords, end);
           at < end && !cancelled.load(std::memory_order_relaxed); at += blockWords) {
        sum += sumOf(words.subspan(at, std::min(blockWords, end - at)));
      }
      sums[part] = sum;
    });
    if (cancelled.load(std::memory_order_relaxed)) throw Cancelled();
  }
  return std::accumulate(sums.begin(), sums.end(), std::uint32_t{0});
}

/// Piece by piece, as passes read it.
std::uint32_t readSpooledWords(ThreadPool& pool, const Matrix& X, std::uint64_t times,
                               const CancelFlag& cancelled) {
  const Operands<std::uint32_t> on(X);
  const PieceOrder order(Blocks(X.rows(), X.columns(), sizeOf(X.dtype())));
  std::vector<std::uint32_t> sums(pool.threads());
  for (std::uint64_t time = 0; time < times; ++time) {
    std::fill(sums.begin(), sums.end(), std::uint32_t{0});
    overPieces<std::uint32_t>(
        pool, on, order, cancelled,
        [&](const Rows<std::uint32_t>& rows, const Piece& piece, std::size_t thread) {
          sums[thread] += sumOf({rows.data, piece.count * X.rowBytes() / sizeof(std::uint32_t)});
        });
  }
  return std::accumulate(sums.begin(), sums.end(), std::uint32_t{0});
}

}  // namespace

std::uint32_t readWords(ThreadPool& pool, const Matrix& X, std::uint64_t times,
                        const CancelFlag& cancelled) {
  if (X.placing().residency == Residency::disk) return readSpooledWords(pool, X, times, cancelled);
  return readWordsInMemory(pool, asCpu(X), times, cancelled);
}

}  // namespace thalweg::cpu
