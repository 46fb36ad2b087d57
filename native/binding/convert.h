#pragma once

#include <napi.h>

#include <span>
#include <string>

#include "../descent/descent.h"
#include "../descent/parts.h"
#include "../device/cpu/cpu.h"
#include "../device/device.h"
#include "../device/drivers/drivers.h"
#include "../device/residency.h"

// lib/ has checked what comes here and speaks to people about it; these re-check only what memory
// safety needs.

namespace thalweg::binding {

/// Which device to open and how; lib/addon/native.ts types it as NativeDeviceSettings.
struct DeviceSettings {
  std::string backend;
  std::uint32_t index = 0;
  cpu::Settings cpu;
  drivers::Settings driver;
};

[[nodiscard]] DeviceSettings deviceSettings(const Napi::Object& object);
/// { name: value }
[[nodiscard]] std::vector<Setting> settings(const Napi::Value& value);
[[nodiscard]] Dtype dtype(const std::string& name);
/// { residency?: 'device', 'host' or 'disk', spoolFolder?, spoolMemory?: bytes }; undefined: on the
/// device.
[[nodiscard]] PlacingWish placingWish(const Napi::Value& value);
[[nodiscard]] const char* name(Residency residency) noexcept;
[[nodiscard]] Activation activation(const Napi::Value& value);
[[nodiscard]] Loss loss(const Napi::Value& value);
[[nodiscard]] DescentOptions descentOptions(const Napi::Object& object);
/// Those of a descent, and { standardize, atZero: [loss, gradient], memory, l2Before,
/// passed: [...x, ...gradient, loss], guess: x }.
[[nodiscard]] PartsOptions partsOptions(const Napi::Object& object);
[[nodiscard]] Objective objective(const Napi::Object& object);
[[nodiscard]] std::vector<double> doubles(const Napi::Value& value);
/// { dense, levels, compressed, entries, means?, scales?, places? }
[[nodiscard]] Layout layout(const Napi::Object& object);

[[nodiscard]] Napi::Float64Array float64Array(Napi::Env env, std::span<const double> values);
/// The values where they are, without a copy. Runtimes whose arrays lie in a cage, as Electron's
/// do, allow no memory from elsewhere: there they are copied.
[[nodiscard]] Napi::Float64Array float64Array(Napi::Env env, std::vector<double>&& values);
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, const DeviceInfo& info);
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, std::span<const Setting> settings);
[[nodiscard]] Napi::Array toJavaScript(Napi::Env env, std::span<const KernelPlan> plans);
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, const drivers::Survey& survey);
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, const DescentState& state);
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, const DescentResult& result);
/// That of its descent, with { means, scales, atZero, passed }.
[[nodiscard]] Napi::Object toJavaScript(Napi::Env env, const PartsResult& result);

}  // namespace thalweg::binding
