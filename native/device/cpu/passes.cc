#include "passes.h"

#include <numeric>

#include "../../error.h"

namespace thalweg::cpu {

template <typename T>
Passes<T>::Passes(ThreadPool& pool, const Level& level, const Problem& problem,
                  const CancelFlag& cancelled)
    : pool_(pool),
      kernels_(kernelsOf<T>(level)),
      objective_(problem.objective),
      cancelled_(cancelled),
      X_(asCpu(problem.X)),
      targets_(asCpu(problem.y).values<T>()),
      weights_(weightsOf<T>(problem)),
      sparse_(isSparse() ? X_.sparse()->template view<T>() : SparseColumns<T>{}),
      rowCount_(problem.X.rows()),
      total_(noSums()) {
  scratch_.resize(pool.threads(),
                  Padded<T>(scratchSize<T>(X_.denseColumns(), objective_.outputs, isSparse())));
}

template <typename T>
Rows<T> Passes<T>::rows(std::span<const std::uint32_t> indices, std::size_t first,
                        std::size_t count) const noexcept {
  return {.data = X_.values<T>(),
          .targets = targets_,
          .columns = X_.denseColumns(),
          .indices = indices.empty() ? nullptr : indices.data(),
          .first = first,
          .count = count,
          .following = 0,
          .weights = weights_,
          .sparse = isSparse() ? &sparse_ : nullptr};
}

template <typename T>
PassSums Passes<T>::noSums() const {
  return {.gradient = std::vector<double>(X_.layout().held() * objective_.outputs),
          .intercepts = std::vector<double>(objective_.outputs)};
}

template <typename T>
void Passes<T>::throwIfCancelled() const {
  if (cancelled_.load(std::memory_order_relaxed)) throw Cancelled();
}

template <typename T>
const PassSums& Passes<T>::gradient(std::span<const std::uint32_t> indices, std::size_t count,
                                    const RoundedParameters<T>& at, const Parameters<T>* earlier) {
  const Blocks blocks = blocksOf(count);
  const Parameters<T> parameters = at.at();
  const auto sumBlock = [&](std::size_t block, std::size_t thread, PassSums& sums) {
    std::fill(sums.gradient.begin(), sums.gradient.end(), 0.0);
    std::fill(sums.intercepts.begin(), sums.intercepts.end(), 0.0);
    Rows<T> selection = rows(indices, blocks.first(block), blocks.rowsIn(block));
    // Rows that another thread may take are not worth fetching here.
    if (blocks.count() == 1 && !indices.empty()) selection.following = indices.size() - count;
    sums.loss = kernels_.gradient(selection, parameters, objective_, scratch_[thread].data(),
                                  sums.gradient.data(), sums.intercepts.data());
    if (earlier != nullptr) sums.earlierLoss = loss(selection, *earlier);
  };
  if (blocks.count() == 1) {
    sumBlock(0, 0, total_);
    at.turnGradient(total_.gradient, total_.intercepts);
    return total_;
  }
  if (blockSums_.size() < blocks.count()) {
    blockSums_.resize(blocks.count(), noSums());
  }
  pool_.forEach(blocks.count(), [&](std::size_t block, std::size_t thread) {
    if (!cancelled_.load(std::memory_order_relaxed)) sumBlock(block, thread, blockSums_[block]);
  });
  throwIfCancelled();
  std::fill(total_.gradient.begin(), total_.gradient.end(), 0.0);
  std::fill(total_.intercepts.begin(), total_.intercepts.end(), 0.0);
  total_.loss = 0;
  total_.earlierLoss = 0;
  for (std::size_t block = 0; block < blocks.count(); ++block) {
    const PassSums& sums = blockSums_[block];
    for (std::size_t j = 0; j < total_.gradient.size(); ++j) total_.gradient[j] += sums.gradient[j];
    for (std::size_t k = 0; k < total_.intercepts.size(); ++k)
      total_.intercepts[k] += sums.intercepts[k];
    total_.loss += sums.loss;
    total_.earlierLoss += sums.earlierLoss;
  }
  at.turnGradient(total_.gradient, total_.intercepts);
  return total_;
}

template <typename T>
double Passes<T>::loss(const Parameters<T>& at) {
  const Blocks blocks = blocksOf(rowCount_);
  std::vector<double> losses(blocks.count());
  pool_.forEach(blocks.count(), [&](std::size_t block, std::size_t) {
    if (cancelled_.load(std::memory_order_relaxed)) return;
    losses[block] = loss(rows({}, blocks.first(block), blocks.rowsIn(block)), at);
  });
  throwIfCancelled();
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

template class Passes<float>;
template class Passes<double>;

}  // namespace thalweg::cpu
