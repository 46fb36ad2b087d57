#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace thalweg::kernels {

/// The structs of kernels/math/arguments.h for kernels that compute in `Real`.
template <typename Real>
struct ArgumentsOf {
  using real = Real;
  using uint = std::uint32_t;
  using ulong = std::uint64_t;

#include "math/arguments.h"
#include "sparse.arguments.h"
};

// Those that hold no real are the same for all.
using RowSpan = ArgumentsOf<float>::RowSpan;
using PassArguments = ArgumentsOf<float>::PassArguments;
using SlicesArguments = ArgumentsOf<float>::SlicesArguments;
using GatherArguments = ArgumentsOf<float>::GatherArguments;
using GramArguments = ArgumentsOf<float>::GramArguments;
using HeldCodes = ArgumentsOf<float>::HeldCodes;
using SparseShape = ArgumentsOf<float>::SparseShape;
using WriteOutArguments = ArgumentsOf<float>::WriteOutArguments;
using SparseArguments = ArgumentsOf<float>::SparseArguments;
using ReadArguments = ArgumentsOf<float>::ReadArguments;

template <typename Arguments>
[[nodiscard]] std::span<const std::byte> bytesOf(const Arguments& arguments) noexcept {
  return std::as_bytes(std::span(&arguments, 1));
}

}  // namespace thalweg::kernels
