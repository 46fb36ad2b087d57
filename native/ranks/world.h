#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "../device/ranks.h"
#include "transport.h"

namespace thalweg {

/// All ranks over a transport. Before anything is exchanged they meet: each tells the others what
/// it is about to do, so that one that has failed, ended or gone another way is an error of all of
/// them, and none waits for what does not come.
///
/// Sums are added up here and not by MPI_Allreduce, whose order an MPI library chooses by the size
/// of the message and the place of the ranks. Few values go to all ranks, which add them all; of
/// many each rank adds a piece. Both are the sum in the order of ranks.
class World final : public Ranks {
 public:
  explicit World(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

  [[nodiscard]] std::size_t rank() const noexcept override { return transport_->rank(); }
  [[nodiscard]] std::size_t size() const noexcept override { return transport_->size(); }

  void sum(std::span<double> values) override;
  [[nodiscard]] double largest(double value) override;
  /// The bytes of all ranks, of each as many as it gave.
  [[nodiscard]] std::vector<std::vector<std::byte>> gather(std::span<const std::byte> mine);

  /// Tells the others that this one has failed, where they meet next. Returns when they know.
  void fail(const std::string& message);

  /// What a call waits for is given up from now on: the process ends.
  void giveUp() noexcept { isGivenUp_ = true; }
  /// The last call. Waits for the others to end too where `code` is 0; otherwise ends them.
  void end(int code) noexcept;

 private:
  enum class Intent : std::uint64_t { sum, largest, gather, fail, end };

  /// What a rank is about to do, with so many values or bytes.
  struct Announcement {
    Intent intent;
    std::uint64_t count;
  };

  /// What all ranks are about to do. Throws where it is not the same; what counts may differ of a
  /// gather. A rank that has failed gives its message.
  std::vector<Announcement> meet(Intent intent, std::uint64_t count,
                                 const std::string& message = {});
  [[noreturn]] void refuse(const std::vector<Announcement>& all) const;
  [[noreturn]] void passOn(std::size_t rank, const std::string& message) const;

  void addByGathering(std::span<double> values);
  void addByPieces(std::span<double> values);

  void gatherAll(std::span<const std::byte> mine, std::span<std::byte> all);
  void exchangeAll(std::span<const std::byte> mine, std::span<std::byte> theirs);
  void wait();

  std::unique_ptr<Transport> transport_;
  std::mutex calls_;  ///< one at a time reaches the transport
  std::atomic<bool> isGivenUp_ = false;
};

}  // namespace thalweg
