#include "programs.h"

#include "plan/pass.h"

namespace thalweg::kernels {
namespace {

using Files = std::vector<std::string_view>;

Files rowFiles(std::vector<std::string_view> own) {
  Files files{"math/arguments.h", "math/rows.h", "math/sum.h", "math/objectives.h",
              "math/halting.h",   "group.h",     "tile.rows.h"};
  files.insert(files.end(), own.begin(), own.end());
  return files;
}

Files wideFiles(std::vector<std::string_view> own) {
  Files files{"math/arguments.h", "math/rows.h", "math/sum.h",  "math/objectives.h",
              "math/halting.h",   "group.h",     "pass.wide.h", "pack.wide.h"};
  files.insert(files.end(), own.begin(), own.end());
  return files;
}

/// In front of a kernel that steps.
Files stepFiles(Files files) {
  const std::string_view kernel = files.back();
  files.back() = "math/optimizers.h";
  files.insert(files.end(), {"math/step.h", "moments.h", kernel});
  return files;
}

Files filesOf(Unit unit, Shape shape) {
  const bool rows = shape == Shape::rows;
  switch (unit) {
    case Unit::gradient:
      return rows ? rowFiles({"gradient.rows.cl"})
                  : wideFiles({"lanes.wide.h", "gradient.wide.cl"});
    case Unit::gradientNarrow:
      return rows ? rowFiles({"gradient.narrow.rows.cl"})
                  : wideFiles({"lanes.wide.h", "gradient.narrow.wide.cl"});
    case Unit::gradientSweep:
      return wideFiles({"lanes.wide.h", "slice.wide.h", "gradient.sweep.wide.cl"});
    case Unit::gradientSlices:
      return wideFiles({"lanes.wide.h", "slice.wide.h", "gradient.slices.wide.cl"});
    case Unit::outputs:
      return rows ? rowFiles({"outputs.h", "outputs.rows.cl"})
                  : wideFiles({"outputs.h", "outputs.wide.h", "outputs.wide.cl"});
    case Unit::gradientOutputs:
      return wideFiles({"outputs.h", "outputs.wide.h", "gradient.outputs.wide.cl"});
    case Unit::forward:
      return rows ? rowFiles({"forward.rows.cl"})
                  : wideFiles({"lanes.wide.h", "slice.wide.h", "forward.wide.cl"});
    case Unit::update:
      return stepFiles({"math/arguments.h", "math/sum.h", "math/penalty.h", "math/halting.h",
                        "group.h", "update.cl"});
    case Unit::steps:
      return stepFiles(rows ? rowFiles({"steps.rows.cl"})
                            : wideFiles({"lanes.wide.h", "slice.wide.h", "steps.wide.cl"}));
    case Unit::gather: return {"math/arguments.h", "gather.cl"};
    case Unit::written:
      return {"sparse.arguments.h", "math/sum.h", "group.h", "sparse.h", "written.cl"};
    case Unit::sparse:
      return {"math/arguments.h",  "sparse.arguments.h", "math/rows.h", "math/sum.h",
              "math/objectives.h", "math/halting.h",     "group.h",     "outputs.h",
              "sparse.h",          "sparse.cl"};
    case Unit::gram: return {"math/arguments.h", "math/rows.h", "math/sum.h", "gram.cl"};
    case Unit::read: return {"math/arguments.h", rows ? "read.rows.cl" : "read.wide.cl"};
  }
  return {};
}

bool takesTiles(Unit unit) {
  return unit != Unit::update && unit != Unit::gather && unit != Unit::gram &&
         unit != Unit::written && unit != Unit::sparse;
}

}  // namespace

Source sourceOf(const ProgramKey& key, const KernelSizes& sizes, bool float64) {
  const KernelSizes& p = sizes;
  const Unit unit = key.unit;
  Source source{filesOf(unit, p.shape), {}};
  const auto define = [&](const char* name, std::uint64_t value) {
    source.defines.push_back(std::string(name) + "=" + std::to_string(value));
  };
  if (key.dtype == Dtype::float64) source.defines.emplace_back("REAL_IS_DOUBLE");
  if (float64) source.defines.emplace_back("FLOAT64");
  // update.cl steps single weights in either shape, sparse.cl takes single rows.
  const bool isScalar = unit == Unit::update || unit == Unit::sparse;
  if (p.shape == Shape::rows && !isScalar) source.defines.emplace_back("ROWS_SHAPE");
  define("GROUP_SIZE", groupSizeOf(key, p));
  const Tiling& tiling = key.tiling;
  if (takesTiles(unit)) define("ROWS", tiling.rows > 0 ? tiling.rows : p.tile.rows);
  if (tiling.columns > 0) define("COLUMNS", tiling.columns);
  if (tiling.rowLanes > 0) {
    define("ROW_LANES", tiling.rowLanes);
    define("PACK", tiling.pack);
  }
  if (tiling.outputs > 0) {
    define("OUTPUTS", tiling.outputs);
    define("PACK", tiling.pack);
    if (key.softmax) source.defines.emplace_back("SOFTMAX");
    // Where z of a row is, and then δ.
    source.defines.emplace_back(unit == Unit::gradientOutputs ? "SCRATCH=LOCAL" : "SCRATCH=GLOBAL");
  }
  if (tiling.chunks > 0) define("CHUNKS", tiling.chunks);
  if (unit == Unit::update) {
    define("STEP_LANES", stepLanes(p, key.dtype));
    define("BLOCK", p.update.block(key.dtype));
    define("AT_ONCE", p.update.atOnce);
  }
  if (unit == Unit::steps) define("BATCH", p.steps.batch);
  if (unit == Unit::steps || unit == Unit::update)
    define("OPTIMIZER", static_cast<std::uint64_t>(key.optimizer));
  if (unit == Unit::gram) define("TILE", p.gram.tile);
  if (key.weighted) define("WEIGHTED", 1);
  return source;
}

const Kernel& Programs::kernel(const ProgramKey& key, const std::string& name) {
  auto& program = programs_[key];
  if (program == nullptr) program = &compiled(key);
  return program->kernel(name);
}

Program& Programs::compiled(const ProgramKey& key) {
  const Source source = sourceOf(key, sizes_, queue_.limits().float64);
  auto& program = compiled_[source];
  if (!program) program = queue_.compile(source.files, source.defines);
  return *program;
}

}  // namespace thalweg::kernels
