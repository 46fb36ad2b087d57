#pragma once

#include <charconv>
#include <string_view>

namespace thalweg {

/// 10 of gfx1030, 9 of gfx90a: what stands before the two digits of minor version and step. 0 of
/// what names no instruction set of AMD's.
[[nodiscard]] inline unsigned gfxMajor(std::string_view isa) {
  constexpr std::string_view prefix = "gfx";
  constexpr std::size_t minorAndStep = 2;
  unsigned major = 0;
  if (isa.starts_with(prefix) && isa.size() > prefix.size() + minorAndStep) {
    std::from_chars(isa.data() + prefix.size(), isa.data() + isa.size() - minorAndStep, major);
  }
  return major;
}

/// gfx10 and later, against GCN and CDNA.
[[nodiscard]] inline bool isRdna(std::string_view isa) { return gfxMajor(isa) >= 10; }

}  // namespace thalweg
