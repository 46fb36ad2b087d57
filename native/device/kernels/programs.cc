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

}  // namespace

const Kernel& Programs::kernel(Unit unit, Dtype dtype, const std::string& name,
                               std::uint64_t columns) {
  const Key key{unit, dtype, unit == Unit::gradientNarrow ? columns : 0};
  auto& program = programs_[key];
  if (!program) program = queue_.compile(filesOf(unit, parameters_.shape), defines(key));
  return program->kernel(name);
}

std::vector<std::string> Programs::defines(const Key& key) const {
  const auto [unit, dtype, columns] = key;
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
  define("COLUMNS", unit == Unit::gradientNarrow ? columns : p.columns);
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
