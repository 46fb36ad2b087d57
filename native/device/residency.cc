#include "residency.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "../counts.h"
#include "../error.h"
#include "host_memory.h"
#include "spool/spool_file.h"

namespace thalweg {
namespace {

/// Of those on disk where that was asked for: who asks wants memory for something else.
constexpr std::uint64_t memoryOfAsked = std::uint64_t{1} << 30U;

/// Whether it goes there unless something else is wished.
bool fitsOn(const Device& device, std::uint64_t bytes) {
  // Small ones are not worth looking at what is free.
  constexpr std::uint64_t worthAsking = std::uint64_t{16} << 20U;
  return bytes <= worthAsking || device.hasRoomFor(bytes);
}

/// Whether rows may be in the device's own memory, where alone sparse columns are what they are.
bool mayStayThere(const Device& device, const PlacingWish& wish) {
  if (!wish.residency || *wish.residency == Residency::device) return true;
  return *wish.residency == Residency::host && device.info().backend == "cpu";
}

/// Where a matrix of that name and of so many bytes goes.
Placing placingFor(const Device& device, std::uint64_t bytes, const PlacingWish& wish,
                   std::string_view name) {
  const auto onDisk = [&](std::uint64_t spared) {
    return Placing{Residency::disk,
                   {.folder = wish.folder, .memoryBytes = wish.memoryBytes.value_or(spared)}};
  };
  if (wish.residency == Residency::disk)
    return onDisk(std::min(memoryOfAsked, availableHostBytes() / 4));
  const bool isCpu = device.info().backend == "cpu";
  if (wish.residency) return {isCpu ? Residency::device : *wish.residency};
  if (fitsOn(device, bytes)) return {};
  const std::uint64_t available = availableHostBytes();
  if (!isCpu && bytes <= mostOf(available)) return {Residency::host};
  Placing spooled = onDisk(available / 2);
  const std::uint64_t onDiskBytes = bytes - std::min(bytes, spooled.spool.memoryBytes);
  const std::uint64_t room = availableBytesIn(wish.folder);
  if (onDiskBytes <= mostOf(room)) return spooled;
  throw Error(ErrorCode::outOfMemory,
              std::string(name) + " takes " + inMebibytes(bytes) + ": more than " +
                  device.info().id + " has room for, than the " + inMebibytes(available) +
                  " of memory that are available, and than the " + inMebibytes(room) +
                  " that are free in " + wish.folder +
                  "; name a folder on a larger disk in THALWEG_SPOOL, or use dtype: 'float32', "
                  "fewer rows or columns",
              {.device = device.info().id});
}

}  // namespace

std::unique_ptr<Matrix> placedMatrix(Device& device, std::uint64_t rows, const Layout& layout,
                                     Dtype dtype, const PlacingWish& wish) {
  if (layout.sparse() > 0 && mayStayThere(device, wish) &&
      (wish.residency || fitsOn(device, device.sparseBytes(rows, layout, dtype)))) {
    if (auto sparse = device.createMatrix(rows, layout, dtype)) return sparse;
  }
  // Rows are written out in memory, one at least at a time, and staged on their way.
  constexpr std::uint64_t copies = 4;
  if (layout.sparse() > 0) {
    checkHostMemory(matrixBytes(copies, layout.columns(), dtype), device.info().id,
                    "dtype: 'float32', fewer columns");
  }
  const std::uint64_t bytes = matrixBytes(rows, layout.columns(), dtype);
  const auto name = layout.sparse() > 0 ? "X with its zeros written out" : "X";
  return device.createMatrix(rows, layout.columns(), dtype, placingFor(device, bytes, wish, name));
}

Residency residencyOf(const Device& device, std::uint64_t bytes, const PlacingWish& wish) {
  try {
    return placingFor(device, bytes, wish, "X").residency;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::outOfMemory) throw;
    return Residency::disk;
  }
}

}  // namespace thalweg
