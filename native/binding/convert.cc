#include "convert.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>

#include "../error.h"

namespace thalweg::binding {
namespace {

/// So many values are handed over rather than copied: of fewer a copy costs less than to be told
/// when they go.
constexpr std::size_t leastHandedOver = std::size_t{1} << 13U;

template <typename Table>
auto lookUp(const Table& table, const std::string& name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  if (found == table.end()) throw Error(ErrorCode::invalidArgument, "There is no '" + name + "'");
  return found->value;
}

std::string text(const Napi::Object& object, const char* key) {
  const auto value = object.Get(key);
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

double number(const Napi::Object& object, const char* key, double otherwise = 0) {
  const auto value = object.Get(key);
  return value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : otherwise;
}

std::uint64_t count(const Napi::Object& object, const char* key, std::uint64_t otherwise = 0) {
  const double value = number(object, key, static_cast<double>(otherwise));
  return value >= 0 && value <= 9007199254740992.0 ? static_cast<std::uint64_t>(value) : otherwise;
}

const char* nameOf(DeviceType type) {
  switch (type) {
    case DeviceType::cpu: return "cpu";
    case DeviceType::gpu: return "gpu";
    case DeviceType::accelerator: return "accelerator";
  }
  return "accelerator";
}

const char* nameOf(drivers::Finding::Level level) {
  switch (level) {
    case drivers::Finding::Level::ok: return "ok";
    case drivers::Finding::Level::warning: return "warning";
    case drivers::Finding::Level::problem: return "problem";
  }
  return "problem";
}

const char* nameOf(Stop stop) {
  switch (stop) {
    case Stop::completed: return "completed";
    case Stop::converged: return "converged";
    case Stop::early: return "early";
  }
  return "completed";
}

const char* nameOf(Plan plan) {
  switch (plan) {
    case Plan::fused: return "fused";
    case Plan::gram: return "gram";
    case Plan::sequential: return "sequential";
    case Plan::local: return "local";
  }
  return "fused";
}

}  // namespace

std::vector<Setting> settings(const Napi::Value& value) {
  std::vector<Setting> found;
  if (!value.IsObject()) return found;
  const auto object = value.As<Napi::Object>();
  const auto names = object.GetPropertyNames();
  for (std::uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    found.push_back({name, count(object, name.c_str())});
  }
  return found;
}

DeviceSettings deviceSettings(const Napi::Object& object) {
  DeviceSettings settings;
  settings.backend = text(object, "backend");
  settings.index = static_cast<std::uint32_t>(count(object, "index"));
  settings.cpu.threads = static_cast<std::size_t>(count(object, "threads"));
  settings.cpu.level = text(object, "cpuLevel");
  for (const drivers::Backend& backend : drivers::backends()) {
    const std::string name = backend.name;
    settings.driver.libraries[name] = text(object, (name + "Library").c_str());
  }
  settings.driver.cacheFolder = text(object, "cacheFolder");
  settings.driver.maxAllocationBytes = count(object, "maxAllocationBytes");
  settings.driver.measured = binding::settings(object.Get("measured"));
  const std::string shape = text(object, "kernelShape");
  if (shape == "wide") settings.driver.shape = kernels::Shape::wide;
  if (shape == "rows") settings.driver.shape = kernels::Shape::rows;
  settings.driver.float64 = text(object, "float64") != "off";
  const std::string graphs = text(object, "graphs");
  if (graphs == "off") settings.driver.recordings = kernels::Recordings::never;
  if (graphs == "on") settings.driver.recordings = kernels::Recordings::always;
  return settings;
}

const char* name(Residency residency) noexcept {
  if (residency == Residency::device) return "device";
  return residency == Residency::host ? "host" : "disk";
}

PlacingWish placingWish(const Napi::Value& value) {
  PlacingWish wish{.residency = Residency::device};
  if (!value.IsObject()) return wish;
  const auto object = value.As<Napi::Object>();
  const std::string residency = object.Get("residency").ToString().Utf8Value();
  wish.residency.reset();
  for (const Residency each : {Residency::device, Residency::host, Residency::disk}) {
    if (residency == name(each)) wish.residency = each;
  }
  if (object.Has("spoolFolder")) wish.folder = object.Get("spoolFolder").ToString().Utf8Value();
  if (object.Has("spoolMemory"))
    wish.memoryBytes =
        static_cast<std::uint64_t>(object.Get("spoolMemory").ToNumber().Int64Value());
  return wish;
}

Dtype dtype(const std::string& name) { return name == "float32" ? Dtype::float32 : Dtype::float64; }

Activation activation(const Napi::Value& value) {
  const std::string name = value.ToString().Utf8Value();
  return name == softmaxEntry.name ? softmaxEntry.value : lookUp(activationTable, name);
}

Loss loss(const Napi::Value& value) {
  const std::string name = value.ToString().Utf8Value();
  return name == crossEntropyEntry.name ? crossEntropyEntry.value : lookUp(lossTable, name);
}

Objective objective(const Napi::Object& object) {
  return {.activation = activation(object.Get("activation")),
          .loss = loss(object.Get("loss")),
          .fitIntercept = object.Get("fitIntercept").ToBoolean(),
          .l1 = number(object, "l1"),
          .l2 = number(object, "l2"),
          .outputs = static_cast<std::size_t>(count(object, "outputs"))};
}

namespace {

OptimizerConstants optimizer(const Napi::Object& object) {
  return {.code = lookUp(optimizerTable, text(object, "name")),
          .momentum = number(object, "momentum"),
          .dampening = number(object, "dampening"),
          .beta1 = number(object, "beta1"),
          .beta2 = number(object, "beta2"),
          .epsilon = number(object, "epsilon"),
          .rateDecay = number(object, "rateDecay"),
          .initialSquare = number(object, "initialSquare"),
          .weightDecay = number(object, "weightDecay"),
          .centered = object.Get("centered").ToBoolean(),
          .amsgrad = object.Get("amsgrad").ToBoolean()};
}

Schedule schedule(const Napi::Object& object) {
  constexpr std::array<std::pair<std::string_view, ScheduleKind>, 4> kinds{
      {{"inverse-scaling", ScheduleKind::inverseScaling},
       {"step", ScheduleKind::step},
       {"exponential", ScheduleKind::exponential},
       {"cosine", ScheduleKind::cosine}}};
  const std::string name = text(object, "schedule");
  const auto* const found = std::find_if(kinds.begin(), kinds.end(),
                                         [&](const auto& kind) { return kind.first == name; });
  if (found == kinds.end()) throw Error(ErrorCode::invalidArgument, "There is no '" + name + "'");
  return {.kind = found->second,
          .perStep = text(object, "per") == "step",
          .power = number(object, "power"),
          .gamma = number(object, "gamma", 1),
          .stepSize = number(object, "stepSize", 1),
          .least = number(object, "least"),
          .period = number(object, "period"),
          .warmUp = number(object, "warmUp"),
          .startFactor = number(object, "startFactor", 1)};
}

DescentState stateOf(const Napi::Object& object) {
  DescentState state;
  state.theta = doubles(object.Get("theta"));
  state.intercepts = doubles(object.Get("intercepts"));
  state.moments = doubles(object.Get("moments"));
  state.steps = count(object, "steps");
  state.passes = count(object, "passes");
  state.learningRate = number(object, "learningRate");
  if (object.Get("lastLoss").IsNumber()) state.lastLoss = number(object, "lastLoss");
  state.features = static_cast<int>(number(object, "features"));
  state.targets = static_cast<int>(number(object, "targets"));
  state.byPasses = object.Get("byPasses").ToBoolean();
  if (object.Get("draws").IsObject()) {
    const auto draws = object.Get("draws").As<Napi::Object>();
    const auto words = draws.Get("generator").As<Napi::Uint32Array>();
    if (words.ElementLength() != state.draws.generator.size())
      throw Error(ErrorCode::invalidArgument, "This is no generator's state");
    std::copy_n(words.Data(), words.ElementLength(), state.draws.generator.begin());
    state.draws.before = count(draws, "before");
    state.draws.done = count(draws, "done");
  }
  if (object.Get("best").IsObject()) {
    const auto best = object.Get("best").As<Napi::Object>();
    state.best.emplace();
    state.best->loss = number(best, "loss", state.best->loss);
    state.best->passes = count(best, "passes");
    state.best->waited = count(best, "waited");
    state.best->theta = doubles(best.Get("theta"));
    state.best->intercepts = doubles(best.Get("intercepts"));
  }
  return state;
}

Stopping stopping(const Napi::Object& object) {
  Stopping stopping{.every = std::max<std::uint64_t>(1, count(object, "every", 1)),
                    .minDelta = number(object, "minDelta"),
                    .restoresBest = object.Get("restoresBest").ToBoolean()};
  if (object.Get("patience").IsNumber()) stopping.patience = count(object, "patience");
  return stopping;
}

}  // namespace

DescentOptions descentOptions(const Napi::Object& object) {
  DescentOptions options;
  options.objective = objective(object);
  const std::string strategy = text(object, "strategy");
  options.strategy = strategy == "stochastic"   ? Strategy::stochastic
                     : strategy == "mini-batch" ? Strategy::miniBatch
                                                : Strategy::batch;
  if (object.Get("learningRate").IsNumber()) options.learningRate = number(object, "learningRate");
  if (object.Get("schedule").IsObject())
    options.schedule = schedule(object.Get("schedule").As<Napi::Object>());
  // An iteration is both.
  if (options.strategy == Strategy::batch) options.schedule.perStep = true;
  options.passes = count(object, "passes");
  options.batchSize = std::max<std::uint64_t>(1, count(object, "batchSize", options.batchSize));
  if (object.Get("averageEvery").IsNumber())
    options.averageEvery = std::max<std::uint64_t>(1, count(object, "averageEvery"));
  options.seed = static_cast<std::uint32_t>(count(object, "seed"));
  options.sampling =
      text(object, "sampling") == "shuffle" ? Sampling::shuffle : Sampling::withReplacement;
  if (object.Get("optimizer").IsObject()) {
    const auto given = object.Get("optimizer").As<Napi::Object>();
    if (text(given, "name") == "lbfgs") {
      options.lbfgs =
          LbfgsOptions{.history = std::max<std::uint64_t>(1, count(given, "history", 10)),
                       .mostPasses = count(object, "mostPasses", LbfgsOptions{}.mostPasses),
                       .isDirect = object.Get("isDirect").ToBoolean()};
    } else {
      options.run.optimizer = optimizer(given);
    }
  }
  options.maxSeconds = number(object, "maxSeconds", options.maxSeconds);
  options.run.tolerance = number(object, "tolerance", -1);
  options.plan = options.strategy != Strategy::batch ? Plan::sequential
                 : text(object, "plan") == "gram"    ? Plan::gram
                                                     : Plan::fused;
  if (!object.Get("theta").IsUndefined()) options.theta = doubles(object.Get("theta"));
  if (!object.Get("intercepts").IsUndefined())
    options.intercepts = doubles(object.Get("intercepts"));
  if (object.Get("held").IsObject())
    options.stopping = stopping(object.Get("held").As<Napi::Object>());
  if (object.Get("from").IsObject()) {
    options.from = stateOf(object.Get("from").As<Napi::Object>());
    options.theta = options.from->theta;
    options.intercepts = options.from->intercepts;
  }
  return options;
}

PartsOptions partsOptions(const Napi::Object& object) {
  PartsOptions options{.descent = descentOptions(object),
                       .standardize = object.Get("standardize").ToBoolean()};
  if (!object.Get("memory").IsUndefined()) options.memory = doubles(object.Get("memory"));
  options.l2Before = number(object, "l2Before");
  if (!object.Get("guess").IsUndefined()) options.guess = doubles(object.Get("guess"));
  if (!object.Get("passed").IsUndefined()) {
    // x, the gradient and the loss in one array.
    const std::vector<double> values = doubles(object.Get("passed"));
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    if (values.size() % 2 == 1)
      options.passed = Passed{{values.begin(), end}, {end, values.end() - 1}, values.back()};
  }
  options.givesWeights = object.Get("givesWeights").ToBoolean();
  if (!object.Get("products").IsUndefined()) options.products = doubles(object.Get("products"));
  options.rows = static_cast<std::uint64_t>(number(object, "rows"));
  if (object.Get("atZero").IsUndefined()) return options;
  const std::vector<double> known = doubles(object.Get("atZero"));
  if (known.size() == 2) options.atZero = AtZero{.loss = known[0], .gradient = known[1]};
  return options;
}

std::vector<double> doubles(const Napi::Value& value) {
  if (!value.IsTypedArray() ||
      value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
    throw Error(ErrorCode::invalidArgument, "A Float64Array is expected");
  }
  const auto array = value.As<Napi::Float64Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

Layout layout(const Napi::Object& object) {
  const auto whole = [&](const char* name) {
    return static_cast<std::uint64_t>(object.Get(name).ToNumber().Int64Value());
  };
  Layout layout{
      .dense = whole("dense"), .compressed = whole("compressed"), .entries = whole("entries")};
  for (const double levels : doubles(object.Get("levels")))
    layout.levels.push_back(static_cast<std::uint64_t>(levels));
  if (object.Has("scales")) {
    layout.means = doubles(object.Get("means"));
    layout.scales = doubles(object.Get("scales"));
    if (layout.means.size() != layout.sparse() || layout.scales.size() != layout.sparse())
      throw Error(ErrorCode::shape, "A mean and a scale of each sparse column are expected");
  }
  if (object.Has("places")) {
    const auto places = object.Get("places").As<Napi::Uint32Array>();
    layout.places.assign(places.Data(), places.Data() + places.ElementLength());
    const auto isPlace = [columns = layout.columns()](std::uint32_t place) {
      return place == Layout::nowhere || place < columns;
    };
    if (layout.places.size() != layout.held() ||
        !std::all_of(layout.places.begin(), layout.places.end(), isPlace))
      throw Error(ErrorCode::shape, "A place of each column is expected");
  }
  return layout;
}

Napi::Float64Array float64Array(Napi::Env env, std::span<const double> values) {
  auto array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Float64Array float64Array(Napi::Env env, std::vector<double>&& values) {
  if (values.size() < leastHandedOver) return float64Array(env, std::span(std::as_const(values)));
  auto owner = std::make_unique<std::vector<double>>(std::move(values));
  const std::size_t count = owner->size();
  const auto release = [](napi_env, void*, void* hint) {
    const std::unique_ptr<std::vector<double>> dropped(static_cast<std::vector<double>*>(hint));
  };
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_arraybuffer(
      env, owner->data(), count * sizeof(double), release, owner.get(), &buffer);
  if (status == napi_no_external_buffers_allowed) return float64Array(env, std::span(*owner));
  if (status != napi_ok) throw Napi::Error::New(env);
  std::ignore = owner.release();
  return Napi::Float64Array::New(env, count, Napi::ArrayBuffer(env, buffer), 0);
}

Napi::Object toJavaScript(Napi::Env env, const DeviceInfo& info) {
  auto object = Napi::Object::New(env);
  object.Set("id", info.id);
  object.Set("backend", info.backend);
  object.Set("name", info.name);
  object.Set("type", nameOf(info.type));
  object.Set("vendor", info.vendor);
  object.Set("driver", info.driver);
  if (info.isa) object.Set("isa", *info.isa);
  if (info.pci) object.Set("pci", *info.pci);
  object.Set("computeUnits", info.computeUnits);
  object.Set("memoryBytes", static_cast<double>(info.memoryBytes));
  object.Set("float64", info.float64);
  return object;
}

Napi::Object toJavaScript(Napi::Env env, std::span<const Setting> settings) {
  auto object = Napi::Object::New(env);
  for (const Setting& setting : settings) {
    object.Set(setting.name, static_cast<double>(setting.value));
  }
  return object;
}

Napi::Array toJavaScript(Napi::Env env, std::span<const KernelPlan> plans) {
  auto array = Napi::Array::New(env, plans.size());
  for (std::uint32_t i = 0; i < plans.size(); ++i) {
    const KernelPlan& plan = plans[i];
    auto object = Napi::Object::New(env);
    object.Set("gradient", plan.gradient);
    object.Set("forward", plan.forward);
    object.Set("steps", plan.steps);
    object.Set("update", plan.update);
    object.Set("tileRows", static_cast<double>(plan.tileRows));
    object.Set("groups", static_cast<double>(plan.groups));
    object.Set("launchRows", static_cast<double>(plan.launchRows));
    object.Set("allocationRows", static_cast<double>(plan.allocationRows));
    array.Set(i, object);
  }
  return array;
}

Napi::Object toJavaScript(Napi::Env env, const drivers::Survey& survey) {
  auto findings = Napi::Array::New(env, survey.findings.size());
  for (std::uint32_t i = 0; i < survey.findings.size(); ++i) {
    const drivers::Finding& finding = survey.findings[i];
    auto fix = Napi::Array::New(env, finding.fix.size());
    for (std::uint32_t line = 0; line < finding.fix.size(); ++line)
      fix.Set(line, finding.fix[line]);
    auto object = Napi::Object::New(env);
    object.Set("code", finding.code);
    object.Set("level", nameOf(finding.level));
    object.Set("what", finding.what);
    object.Set("fix", fix);
    findings.Set(i, object);
  }
  auto object = Napi::Object::New(env);
  if (survey.version) object.Set("version", *survey.version);
  object.Set("findings", findings);
  return object;
}

Napi::Object toJavaScript(Napi::Env env, const DescentState& state) {
  auto object = Napi::Object::New(env);
  object.Set("theta", float64Array(env, state.theta));
  object.Set("intercepts", float64Array(env, state.intercepts));
  object.Set("moments", float64Array(env, state.moments));
  object.Set("steps", static_cast<double>(state.steps));
  object.Set("passes", static_cast<double>(state.passes));
  object.Set("learningRate", state.learningRate);
  if (state.lastLoss) object.Set("lastLoss", *state.lastLoss);
  object.Set("features", state.features);
  object.Set("targets", state.targets);
  object.Set("byPasses", state.byPasses);
  const auto& generator = state.draws.generator;
  auto words = Napi::Uint32Array::New(env, generator.size());
  std::copy(generator.begin(), generator.end(), words.Data());
  auto draws = Napi::Object::New(env);
  draws.Set("generator", words);
  draws.Set("before", static_cast<double>(state.draws.before));
  draws.Set("done", static_cast<double>(state.draws.done));
  object.Set("draws", draws);
  if (state.best) {
    auto best = Napi::Object::New(env);
    best.Set("loss", state.best->loss);
    best.Set("passes", static_cast<double>(state.best->passes));
    best.Set("waited", static_cast<double>(state.best->waited));
    best.Set("theta", float64Array(env, state.best->theta));
    best.Set("intercepts", float64Array(env, state.best->intercepts));
    object.Set("best", best);
  }
  return object;
}

Napi::Object toJavaScript(Napi::Env env, const DescentResult& result) {
  auto object = Napi::Object::New(env);
  object.Set("theta", float64Array(env, result.theta));
  object.Set("intercepts", float64Array(env, result.intercepts));
  object.Set("loss", float64Array(env, result.loss));
  object.Set("iterations", static_cast<double>(result.iterations));
  object.Set("stopped", nameOf(result.stopped));
  if (result.best) {
    object.Set("validationLoss", float64Array(env, result.validationLoss));
    auto best = Napi::Object::New(env);
    best.Set("loss", result.best->loss);
    best.Set("passes", static_cast<double>(result.best->passes));
    object.Set("best", best);
  }
  object.Set("state", toJavaScript(env, result.state));
  object.Set("plan", nameOf(result.plan));
  if (result.learningRate) object.Set("learningRate", *result.learningRate);
  object.Set("seconds", result.seconds);
  return object;
}

Napi::Object toJavaScript(Napi::Env env, const PartsResult& result) {
  Napi::Object object = toJavaScript(env, result.descent);
  object.Set("means", float64Array(env, result.columns.means));
  object.Set("scales", float64Array(env, result.columns.scales));
  const double atZero[] = {result.atZero.loss, result.atZero.gradient};
  object.Set("atZero", float64Array(env, atZero));
  if (!result.passed) return object;
  std::vector<double> passed(result.passed->x);
  passed.insert(passed.end(), result.passed->gradient.begin(), result.passed->gradient.end());
  passed.push_back(result.passed->loss);
  object.Set("passed", float64Array(env, passed));
  return object;
}

}  // namespace thalweg::binding
