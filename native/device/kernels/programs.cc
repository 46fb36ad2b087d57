#include "programs.h"

namespace thalweg::kernels {
namespace {

using Files = std::vector<std::string_view>;

Files rowFiles(std::string_view kernel) {
  return {"sum.h",    "objective.h", "objective.rows.h", "state.h",
          "shrink.h", "group.h",     "tile.rows.h",      kernel};
}

Files wideFiles(std::string_view kernel) {
  return {"sum.h", "objective.h", "state.h", "shrink.h", "group.h", "tile.wide.h", kernel};
}

Files filesOf(Unit unit, Shape shape) {
  const bool rows = shape == Shape::rows;
  switch (unit) {
    case Unit::gradient: return rows ? rowFiles("gradient.rows.cl") : wideFiles("gradient.wide.cl");
    case Unit::gradientNarrow: return rowFiles("gradient.narrow.rows.cl");
    case Unit::gradientSweep: return wideFiles("gradient.sweep.wide.cl");
    case Unit::forward: return rows ? rowFiles("forward.rows.cl") : wideFiles("forward.wide.cl");
    case Unit::update: return {"sum.h", "state.h", "shrink.h", "group.h", "update.cl"};
    case Unit::sequential:
    case Unit::sequentialThetaLocal:
      return rows ? rowFiles("sequential.rows.cl") : wideFiles("sequential.wide.cl");
    case Unit::gather: return {"gather.cl"};
    case Unit::gram: return {"sum.h", "gram.cl"};
  }
  return {};
}

bool isSequential(Unit unit) {
  return unit == Unit::sequential || unit == Unit::sequentialThetaLocal;
}

}  // namespace

Source sourceOf(const ProgramKey& key, const Parameters& parameters, bool float64) {
  const Parameters& p = parameters;
  const Unit unit = key.unit;
  Source source{filesOf(unit, p.shape), {}};
  const auto define = [&](const char* name, std::uint64_t value) {
    source.defines.push_back(std::string(name) + "=" + std::to_string(value));
  };
  if (key.dtype == Dtype::float64) source.defines.emplace_back("REAL_IS_DOUBLE");
  if (float64) source.defines.emplace_back("FLOAT64");
  define("GROUP_SIZE", unit == Unit::gram ? p.gramGroup : p.groupSize);
  define("HISTORY_LAST", Run::lossesPerWait);
  // One group takes the rows of a small batch, all at once where it can.
  define("ROWS", isSequential(unit) && p.shape == Shape::wide ? 1 : p.rows);
  define("COLUMNS", unit == Unit::gradientNarrow ? key.columns : p.columns);
  define("STEP_LANES", p.stepLanes);
  define("BLOCK", p.block);
  define("BATCH", p.batch);
  define("TILE", p.gramTile);
  if (unit == Unit::sequentialThetaLocal) {
    define("THETA_LOCAL", thetaLocal(p, key.dtype));
    source.defines.emplace_back("THETA_SPACE=LOCAL");
  }
  return source;
}

std::vector<ProgramKey> everyProgram(const Parameters& parameters, bool float64) {
  std::vector<Unit> units{Unit::gradient,   Unit::forward, Unit::update,
                          Unit::sequential, Unit::gather,  Unit::gram};
  if (parameters.shape == Shape::wide) units.push_back(Unit::gradientSweep);
  if (parameters.thetaLocalBytes > 0) units.push_back(Unit::sequentialThetaLocal);
  std::vector<ProgramKey> keys;
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    if (dtype == Dtype::float64 && !float64) continue;
    for (const Unit unit : units) keys.push_back({unit, dtype});
    for (std::uint64_t n = 1; n <= parameters.narrowColumns; ++n) {
      keys.push_back({Unit::gradientNarrow, dtype, n});
    }
  }
  return keys;
}

const Kernel& Programs::kernel(const ProgramKey& key, const std::string& name) {
  auto& program = programs_[key];
  if (!program) {
    const Source source = sourceOf(key, parameters_, queue_.limits().float64);
    program = queue_.compile(source.files, source.defines);
  }
  return program->kernel(name);
}

}  // namespace thalweg::kernels
