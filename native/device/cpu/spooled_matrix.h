#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "../device.h"
#include "../spool/piece_stream.h"
#include "../spool/spooled_rows.h"
#include "../staging.h"

namespace thalweg::cpu {

/// Rows on disk but for those that memory is given to. Passes take them piece by piece.
class SpooledMatrix final : public Matrix {
 public:
  SpooledMatrix(std::uint64_t rows, std::uint64_t columns, Dtype dtype, const Placing& placing);

  /// In order: each begins where the one before ends.
  [[nodiscard]] std::unique_ptr<Upload> beginUpload(std::uint64_t first,
                                                    std::uint64_t count) override;
  /// With several pieces on their way at once, of rows of several.
  void read(std::uint64_t first, std::uint64_t count, std::span<std::byte> bytes) const override;

  [[nodiscard]] const SpooledRows& spool() const noexcept { return rows_; }
  /// One for each of so many threads, empty. They are kept: of one pass at a time.
  [[nodiscard]] std::vector<PieceStream>& streams(std::size_t threads) const;

 private:
  /// Pieces of each of so many streams.
  [[nodiscard]] std::uint64_t roomOf(std::size_t streams) const;

  SpooledRows rows_;
  mutable std::vector<PieceStream> streams_;
  mutable std::optional<PieceStream> reading_;  ///< since rows of several pieces were read
  // Uploads may outlive the matrix.
  std::shared_ptr<Staging> staging_ = std::make_shared<Staging>();
};

}  // namespace thalweg::cpu
