#include "class_scores.h"

#include <algorithm>
#include <array>
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

}  // namespace

Napi::Value classScores(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return rethrowing(env, [&]() -> Napi::Value {
    const cpu::Level& level = cpu::selectLevel(info[0].As<Napi::String>().Utf8Value());
    const cpu::Padded<double> targets = copied(info[1]);
    const cpu::Padded<double> sums = copied(info[2]);
    const bool isWeighted = !info[3].IsUndefined();
    const cpu::Padded<double> weights = isWeighted ? copied(info[3]) : cpu::Padded<double>();
    if (sums.size() != targets.size() || (isWeighted && weights.size() != targets.size()))
      throw Error(ErrorCode::shape, "scores need a target, and a weight, for each sum");
    cpu::ClassScores found;
    level.classScores({.sums = sums.data(),
                       .targets = targets.data(),
                       .weights = isWeighted ? weights.data() : nullptr,
                       .count = targets.size() - cpu::paddedSize<double>(0)},
                      found);
    const std::array values{found.rows, found.overflowed, found.weight, found.right, found.loss};
    return float64Array(env, values);
  });
}

}  // namespace thalweg::binding
