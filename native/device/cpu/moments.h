#pragma once

#include <cstddef>
#include <cstdint>

#include "../host_step.h"
#include "level.h"
#include "padded.h"

namespace thalweg::cpu {

/// What an optimiser keeps between steps, as the stochastic loops read it: in T, for a chunk.
template <typename T>
class Moments {
 public:
  Moments(const HostStep& step, std::size_t columns)
      : columns_(columns), stride_(paddedSize<T>(columns)) {
    const std::span<const double> all = step.moments();
    count_ = all.size() / (columns_ + 1);
    values_.resize(count_ * stride_);
    for (std::size_t k = 0; k < count_; ++k) {
      const std::span<const double> each = all.subspan(k * (columns_ + 1), columns_ + 1);
      for (std::size_t j = 0; j < columns_; ++j) values_[k * stride_ + j] = static_cast<T>(each[j]);
      intercept_[k] = static_cast<T>(each[columns_]);
    }
  }

  [[nodiscard]] MomentsOfSteps<T> view(std::uint64_t taken) noexcept {
    return {values_.data(), stride_, intercept_, taken};
  }

  void writeTo(HostStep& step) const {
    const std::span<double> all = step.moments();
    for (std::size_t k = 0; k < count_; ++k) {
      const std::span<double> each = all.subspan(k * (columns_ + 1), columns_ + 1);
      for (std::size_t j = 0; j < columns_; ++j)
        each[j] = static_cast<double>(values_[k * stride_ + j]);
      each[columns_] = static_cast<double>(intercept_[k]);
    }
  }

 private:
  std::size_t columns_;
  std::size_t stride_;
  std::size_t count_ = 0;
  Padded<T> values_;
  T intercept_[HostMath::MOST_MOMENTS] = {};
};

}  // namespace thalweg::cpu
