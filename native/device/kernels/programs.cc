#include "programs.h"

namespace thalweg::kernels {
namespace {

using Files = std::vector<std::string_view>;

Files filesOf(Unit unit, Shape shape) {
  const bool rows = shape == Shape::rows;
  const std::string_view tile = rows ? "tile.rows.h" : "tile.wide.h";
  switch (unit) {
    case Unit::gradient:
      return {"sum.h",   "objective.h", "state.h",
              "group.h", tile,          rows ? "gradient.rows.cl" : "gradient.wide.cl"};
    case Unit::gradientSweep:
      return {"sum.h", "objective.h", "state.h", "group.h", tile, "gradient.sweep.wide.cl"};
    case Unit::forward:
      return {"sum.h",   "objective.h", "state.h",
              "group.h", tile,          rows ? "forward.rows.cl" : "forward.wide.cl"};
    case Unit::update: return {"sum.h", "state.h", "shrink.h", "group.h", "update.cl"};
    case Unit::sequential:
    case Unit::sequentialThetaLocal:
      return {"sum.h",
              "objective.h",
              "state.h",
              "shrink.h",
              "group.h",
              tile,
              rows ? "sequential.rows.cl" : "sequential.wide.cl"};
    case Unit::gather: return {"gather.cl"};
    case Unit::gram: return {"sum.h", "gram.cl"};
  }
  return {};
}

}  // namespace

const Kernel& Programs::kernel(Unit unit, Dtype dtype, const std::string& name) {
  auto& program = programs_.at(static_cast<std::size_t>(dtype)).at(static_cast<std::size_t>(unit));
  if (!program) program = compile(unit, dtype);
  return program->kernel(name);
}

std::unique_ptr<Program> Programs::compile(Unit unit, Dtype dtype) const {
  return queue_.compile(filesOf(unit, parameters_.shape), defines(unit, dtype));
}

std::vector<std::string> Programs::defines(Unit unit, Dtype dtype) const {
  std::vector<std::string> list;
  const auto define = [&](const char* name, std::uint64_t value) {
    list.push_back(std::string(name) + "=" + std::to_string(value));
  };
  const Parameters& p = parameters_;
  const bool sequential = unit == Unit::sequential || unit == Unit::sequentialThetaLocal;
  if (dtype == Dtype::float64) list.emplace_back("REAL_IS_DOUBLE");
  if (queue_.limits().float64) list.emplace_back("FLOAT64");
  define("GROUP_SIZE", unit == Unit::gram ? p.gramGroup : p.groupSize);
  define("HISTORY_LAST", Run::lossesPerWait);
  // One group takes the rows of a small batch, all at once where it can.
  define("ROWS", sequential && p.shape == Shape::wide ? 1 : p.rows);
  define("COLUMNS", p.columns);
  define("STEP_LANES", p.stepLanes);
  define("BLOCK", p.block);
  define("BATCH", p.batch);
  define("TILE", p.gramTile);
  if (unit == Unit::sequentialThetaLocal) {
    define("THETA_LOCAL", thetaLocal(dtype));
    list.emplace_back("THETA_SPACE=LOCAL");
  }
  return list;
}

}  // namespace thalweg::kernels
