#include "scores.h"

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "../device/cpu/levels.h"
#include "../error.h"
#include "convert.h"
#include "errors.h"

namespace thalweg::binding {
namespace {

/// Values of JavaScript, where they are unless they are of float32.
class Values {
 public:
  explicit Values(const Napi::Value& value) {
    if (value.IsUndefined()) return;
    const auto given = value.As<Napi::TypedArray>();
    count_ = given.ElementLength();
    if (given.TypedArrayType() == napi_float64_array) {
      data_ = value.As<Napi::Float64Array>().Data();
    } else if (given.TypedArrayType() == napi_float32_array) {
      const float* const from = value.As<Napi::Float32Array>().Data();
      copied_.assign(from, from + count_);
      data_ = copied_.data();
    } else {
      throw Error(ErrorCode::invalidArgument, "scores are of floating-point arrays");
    }
  }
  ~Values() = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  /// Null where there are none.
  [[nodiscard]] const double* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::vector<double> copied_;
  const double* data_ = nullptr;
  std::size_t count_ = 0;
};

template <typename Scores>
Napi::Value scores(const Napi::CallbackInfo& info,
                   void (*cpu::Level::*score)(const cpu::ScoredRows&, Scores&)) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const cpu::Level& level = cpu::selectLevel(info[0].As<Napi::String>().Utf8Value());
    const Values targets(info[1]);
    const Values values(info[2]);
    const Values weights(info[3]);
    if (values.count() != targets.count() ||
        (weights.data() != nullptr && weights.count() != targets.count()))
      throw Error(ErrorCode::shape, "scores need a target, and a weight, for each value");
    cpu::ScoredRows rows{.values = values.data(),
                         .targets = targets.data(),
                         .weights = weights.data(),
                         .count = targets.count()};
    if (!info[4].IsUndefined()) {
      rows.unit = info[4].ToNumber();
      rows.origin = info[5].ToNumber();
    }
    Scores found;
    (level.*score)(rows, found);
    return float64Array(env,
                        std::bit_cast<std::array<double, sizeof(Scores) / sizeof(double)>>(found));
  });
}

}  // namespace

Napi::Value classScores(const Napi::CallbackInfo& info) {
  return scores(info, &cpu::Level::classScores);
}
Napi::Value valueScores(const Napi::CallbackInfo& info) {
  return scores(info, &cpu::Level::valueScores);
}

}  // namespace thalweg::binding
