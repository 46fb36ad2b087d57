#include "read_words.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "../arguments.h"
#include "../plan/counts.h"
#include "pacer.h"

namespace thalweg::kernels {
namespace {

constexpr std::uint64_t packBytes = 16;
constexpr std::uint64_t packsPerItem = 16;  // below this a work-item is not worth its start

/// Packs of one launch, and the words after them that fill no pack: of the last launch of a block.
struct Stretch {
  std::uint64_t first;
  std::uint64_t packs;
  std::uint32_t rest;
};

std::vector<Stretch> stretchesOf(std::uint64_t bytes, std::uint64_t most) {
  const std::uint64_t packs = bytes / packBytes;
  const auto rest = static_cast<std::uint32_t>(bytes % packBytes / sizeof(std::uint32_t));
  std::vector<Stretch> stretches;
  for (std::uint64_t first = 0; first < packs; first += most) {
    stretches.push_back({first, std::min(most, packs - first), 0});
  }
  if (stretches.empty()) stretches.push_back({0, 0, 0});
  stretches.back().rest = rest;
  return stretches;
}

}  // namespace

std::uint32_t readWords(KernelQueue& queue, Programs& programs, const KernelSizes& sizes,
                        const KernelMatrix& X, std::uint64_t times, const CancelFlag& cancelled) {
  const Kernel& kernel = programs.kernel(Unit::read, X.dtype(), "read_words");
  const std::uint32_t groupSize = sizes.pass.groupSize;
  const std::uint64_t groups = std::clamp<std::uint64_t>(
      X.rows() * X.rowBytes() / (packBytes * packsPerItem * groupSize), 1,
      std::uint64_t{queue.limits().computeUnits} * sizes.pass.groupsPerUnit);
  std::vector<std::uint32_t> sums(groups);
  const auto partials = queue.allocate(groups * sizeof(std::uint32_t));
  Pacer pacer(queue, cancelled);
  for (std::uint64_t time = 0; time < times; ++time) {
    bool accumulate = false;
    for (const KernelMatrix::Block& block : X.blocks()) {
      for (const Stretch& stretch :
           stretchesOf(block.rows * X.rowBytes(), sizes.pass.bytes / packBytes)) {
        const ReadArguments arguments{.first = stretch.first,
                                      .count = stretch.packs,
                                      .rest = stretch.rest,
                                      .accumulate = accumulate ? 1 : 0};
        queue.launch(kernel, groups, groupSize, {block.buffer.get(), partials.get()},
                     bytesOf(arguments));
        accumulate = true;
        pacer.launched(stretch.packs * packBytes);
      }
    }
  }
  queue.read(*partials, 0, std::as_writable_bytes(std::span(sums)));
  return std::accumulate(sums.begin(), sums.end(), std::uint32_t{0});
}

}  // namespace thalweg::kernels
