#include "validation.h"

#include <algorithm>

namespace thalweg {

Validation::Validation(Device& device, const Problem& problem, const Stopping& stopping,
                       const std::optional<BestState>& before, const CancelFlag& cancelled)
    : device_(device),
      problem_(problem),
      stopping_(stopping),
      cancelled_(cancelled),
      best_(before.value_or(BestState{})) {}

std::uint64_t Validation::until(std::uint64_t passes, std::uint64_t most) const noexcept {
  return std::min(most, stopping_.every - passes % stopping_.every);
}

bool Validation::isDue(std::uint64_t passes) const noexcept {
  return passes % stopping_.every == 0;
}

double Validation::lossAt(std::span<const double> theta, std::span<const double> intercepts) {
  if (!run_) run_ = device_.begin(problem_, {}, cancelled_);
  run_->setTheta(theta, intercepts);
  run_->measureLoss();
  // A run that has diverged measures no more.
  if (run_->wait(losses_).halt != Halt::none) run_.reset();
  return losses_.back();
}

bool Validation::judge(std::span<const double> theta, std::span<const double> intercepts,
                       std::uint64_t passes) {
  const double loss = lossAt(theta, intercepts);
  ++best_.waited;
  if (loss + stopping_.minDelta < best_.loss) {
    best_.loss = loss;
    best_.passes = passes;
    best_.waited = 0;
    if (stopping_.restoresBest) {
      best_.theta.assign(theta.begin(), theta.end());
      best_.intercepts.assign(intercepts.begin(), intercepts.end());
    }
  }
  return !stopping_.patience || best_.waited == 0 || best_.waited < *stopping_.patience;
}

void Validation::restore(std::vector<double>& theta, std::vector<double>& intercepts) const {
  if (!stopping_.restoresBest || best_.theta.empty()) return;
  theta = best_.theta;
  intercepts = best_.intercepts;
}

}  // namespace thalweg
