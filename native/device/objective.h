#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace thalweg {

#define TABLES_ONLY
#include "math/objectives.h"
#undef TABLES_ONLY

/// φ in ŷ = φ(Xθ + b), by its code in kernels/math/objectives.h.
enum class Activation : std::int32_t {
#define ENUMERATOR(name, code, partner, outputs) name = (code),
  EACH_ACTIVATION(ENUMERATOR)
#undef ENUMERATOR
      softmax = SOFTMAX_CODE,  ///< of all outputs of a row
};

/// ℓ(ŷ, y) of one row, by its code there; a descent minimises its mean over the rows.
enum class Loss : std::int32_t {
#define ENUMERATOR(name, code, labels, needs, curvature) name = (code),
  EACH_LOSS(ENUMERATOR)
#undef ENUMERATOR
      crossEntropy = CROSS_ENTROPY_CODE,  ///< of softmax
};

/// Which labels a loss takes.
enum class LabelRule { any, zeroOrOne, plusMinusOne, notNegative, classNumber };

struct ActivationEntry {
  std::string_view name;
  Activation value;
};
/// Those of each output by itself.
inline constexpr std::array activationTable{
#define ENTRY(name, code, partner, outputs) ActivationEntry{#name, Activation::name},
    EACH_ACTIVATION(ENTRY)
#undef ENTRY
};

struct LossEntry {
  std::string_view name;
  Loss value;
  LabelRule labels;
};
/// Those of each output by itself.
inline constexpr std::array lossTable{
#define ENTRY(name, code, labels, needs, curvature) LossEntry{#name, Loss::name, LabelRule::labels},
    EACH_LOSS(ENTRY)
#undef ENTRY
};

[[nodiscard]] constexpr std::int32_t codeOf(Activation activation) noexcept {
  return static_cast<std::int32_t>(activation);
}
[[nodiscard]] constexpr std::int32_t codeOf(Loss loss) noexcept {
  return static_cast<std::int32_t>(loss);
}
inline constexpr ActivationEntry softmaxEntry{"softmax", Activation::softmax};
inline constexpr LossEntry crossEntropyEntry{"cross-entropy", Loss::crossEntropy,
                                             LabelRule::classNumber};

[[nodiscard]] constexpr const LossEntry& entryOf(Loss loss) noexcept {
  if (loss == Loss::crossEntropy) return crossEntropyEntry;
  std::size_t at = 0;
  while (lossTable[at].value != loss) ++at;
  return lossTable[at];
}

/// What is minimised: mean ℓ(φ(Xθ + b), y) + l1·Σ|θⱼ| + l2/2·Σθⱼ². The intercept b is 0 without
/// `fitIntercept`, and never penalised. With several outputs θ is n×K, the loss of a row the sum
/// over its outputs, and the penalties sum over all weights: K neurons side by side, unless the
/// activation is of rows.
struct Objective {
  Activation activation = Activation::linear;
  Loss loss = Loss::squared;
  bool fitIntercept = false;
  double l1 = 0;
  double l2 = 0;
  std::size_t outputs = 1;  ///< K
};

}  // namespace thalweg
