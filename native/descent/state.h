#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "mersenne_twister.h"

namespace thalweg {

/// Which rows steps take next.
struct DrawState {
  MersenneTwister::State generator{};  ///< before it drew the slice of rows under way
  std::uint64_t before = 0;            ///< rows of the epoch in slices before that one
  std::uint64_t done = 0;              ///< rows of that slice which steps have taken
};

/// The lowest loss on the rows that a descent is validated with, and how long ago that was.
struct BestState {
  double loss = std::numeric_limits<double>::infinity();
  std::uint64_t passes = 0;     ///< of the descent, where it was
  std::uint64_t waited = 0;     ///< validations since
  std::vector<double> theta{};  ///< there, where it is to be restored
  std::vector<double> intercepts{};
};

/// Where a descent stands between two steps, for one that goes on with the same bits. Numbers are
/// those of X and y times powers of two (scaling.h).
struct DescentState {
  std::vector<double> theta{};  ///< feature by feature
  std::vector<double> intercepts{};
  std::vector<double> moments{};     ///< as Run::readMoments gives them
  std::uint64_t steps = 0;           ///< taken since the first descent began
  std::uint64_t passes = 0;          ///< iterations, or whole epochs
  double learningRate = 0;           ///< before any schedule
  std::optional<double> lastLoss{};  ///< with which `tolerance` compares the next one
  int features = 0;                  ///< X is 2^features·X', of which these are
  int targets = 0;                   ///< y likewise
  bool byPasses = false;             ///< the gram plan goes on by passes over X
  DrawState draws{};                 ///< of stochastic and mini-batch
  std::optional<BestState> best{};
};

}  // namespace thalweg
