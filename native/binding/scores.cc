#include "scores.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "../device/cpu/levels.h"
#include "../device/cpu/padded.h"
#include "../error.h"
#include "convert.h"
#include "errors.h"

namespace thalweg::binding {
namespace {

/// The values with room behind them, as the loops read them.
cpu::Padded<double> copied(const Napi::Value& value) {
  const auto given = value.As<Napi::TypedArray>();
  cpu::Padded<double> values = cpu::padded<double>(given.ElementLength());
  const auto copy = [&](const auto& array) {
    std::copy_n(array.Data(), array.ElementLength(), values.begin());
  };
  if (given.TypedArrayType() == napi_float32_array) copy(value.As<Napi::Float32Array>());
  if (given.TypedArrayType() == napi_float64_array) copy(value.As<Napi::Float64Array>());
  return values;
}

template <typename Scores>
Napi::Value scores(const Napi::CallbackInfo& info,
                   void (*cpu::Level::*score)(const cpu::ScoredRows&, Scores&)) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const cpu::Level& level = cpu::selectLevel(info[0].As<Napi::String>().Utf8Value());
    const cpu::Padded<double> targets = copied(info[1]);
    const cpu::Padded<double> values = copied(info[2]);
    const bool isWeighted = !info[3].IsUndefined();
    const cpu::Padded<double> weights = isWeighted ? copied(info[3]) : cpu::Padded<double>();
    if (values.size() != targets.size() || (isWeighted && weights.size() != targets.size()))
      throw Error(ErrorCode::shape, "scores need a target, and a weight, for each value");
    cpu::ScoredRows rows{.values = values.data(),
                         .targets = targets.data(),
                         .weights = isWeighted ? weights.data() : nullptr,
                         .count = targets.size() - cpu::paddedSize<double>(0)};
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
