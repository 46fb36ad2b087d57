#include "read_words.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "../../../counts.h"
#include "../arguments.h"
#include "../plan/pass.h"
#include "../streamed_rows.h"
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
  const std::uint64_t partRows = rowsPerLaunch(sizes, X.rowBytes());
  StreamedRows streamed(queue, X, partRows);
  for (std::uint64_t time = 0; time < times; ++time) {
    bool accumulate = false;
    const auto readStretches = [&](const Buffer* buffer, std::uint64_t bytes) {
      for (const Stretch& stretch : stretchesOf(bytes, sizes.pass.bytes / packBytes)) {
        const ReadArguments arguments{.first = stretch.first,
                                      .count = stretch.packs,
                                      .rest = stretch.rest,
                                      .accumulate = accumulate ? 1 : 0};
        queue.launch(kernel, groups, groupSize, {buffer, partials.get()}, bytesOf(arguments));
        accumulate = true;
        pacer.launched(stretch.packs * packBytes);
      }
    };
    if (X.spool() == nullptr) {
      for (const KernelMatrix::Block& block : X.blocks())
        readStretches(block.buffer.get(), block.rows * X.rowBytes());
    } else {
      for (const Part& part : partsOf(X, X, nullptr, partRows))
        readStretches(streamed.onDevice(part).X, part.rows * X.rowBytes());
    }
  }
  queue.read(*partials, 0, std::as_writable_bytes(std::span(sums)));
  return std::accumulate(sums.begin(), sums.end(), std::uint32_t{0});
}

}  // namespace thalweg::kernels
