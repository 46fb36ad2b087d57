#include "amd.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "../isa.h"
#include "environment.h"

namespace thalweg::drivers {
namespace {

/// Cards of an instruction set, by its beginning, with at least so many compute units.
struct Cards {
  std::string_view isa;
  std::uint32_t leastUnits;
  std::uint32_t mebibytes;
};

/// The first that fits counts.
constexpr std::array cards{
    Cards{"gfx1034", 0, 16},   // RX 6500 XT, 6400
    Cards{"gfx1032", 0, 32},   // RX 6600
    Cards{"gfx103", 60, 128},  // RX 6800, 6900
    Cards{"gfx103", 36, 80},   // RX 6700, 96 of its XT
    Cards{"gfx103", 28, 32},   // RX 6600
    Cards{"gfx103", 16, 16},   // RX 6500 XT
    Cards{"gfx110", 96, 96},   // RX 7900 XTX
    Cards{"gfx110", 84, 80},   // RX 7900 XT
    Cards{"gfx110", 60, 64},   // RX 7900 GRE, 7800 XT
    Cards{"gfx110", 54, 48},   // RX 7700 XT
    Cards{"gfx110", 28, 32},   // RX 7600
    Cards{"gfx1151", 0, 32},   // Radeon 8060S
    Cards{"gfx120", 48, 48},   // RX 9070 GRE, 64 of the others
    Cards{"gfx120", 28, 32},   // RX 9060 XT
    Cards{"gfx94", 0, 256},    // Instinct MI300
    Cards{"gfx950", 0, 256},   // Instinct MI350
    Cards{"gfx90a", 0, 8},     // Instinct MI200
    Cards{"gfx908", 0, 8},     // Instinct MI100
    Cards{"gfx90", 56, 4},     // Vega 56, 64 and VII, Instinct MI25 and MI50
    Cards{"gfx1010", 0, 4},    // RX 5700
    Cards{"gfx803", 32, 2},    // RX 480, 580
};

constexpr std::uint64_t mebi = std::uint64_t{1} << 20;

}  // namespace

std::uint32_t computeUnitsOf(const std::string& isa, std::uint32_t reported) {
  const bool pairs = isRdna(isa) && driverVariable("GPU_ENABLE_WGP_MODE").value_or("") != "0";
  return pairs ? 2 * reported : reported;
}

std::uint64_t lastCacheOf(const std::string& isa, std::uint32_t units) {
  const auto* found = std::find_if(cards.begin(), cards.end(), [&](const Cards& each) {
    return isa.starts_with(each.isa) && units >= each.leastUnits;
  });
  return found == cards.end() ? 0 : found->mebibytes * mebi;
}

}  // namespace thalweg::drivers
