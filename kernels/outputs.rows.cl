// The passes for CPU devices where rows have K outputs: φ(XΘ + b) of every row, Σℓ, and the
// partials of Xᵀδ and Σδ of each output.
//
// X is rows×n, row-major, any n and any K; y is rows×K, or rows×1 class numbers of softmax. theta
// holds the n weights of each output, output by output, then K intercepts, and partials are laid
// out alike. Each group, one work-item, takes a contiguous block of the rows, as in
// gradient.rows.cl, and of them a tile at a time that stays in cache between the dots and the
// accumulation of δ·x: ROWS rows by OUTPUTS outputs at once are sums in vector registers, so that a
// vector of X is loaded once for all of these outputs and one of θ, or of the gradient, once for
// the rows. z of the tile, and then δ, lie in the group's part of `scratch`, TILE reals an output:
// the lanes run along the rows while outcomes are made.

#ifndef OUTPUTS
#define OUTPUTS 4
#endif

// Rows of a tile, at most: a multiple of LANES and of ROWS.
#define TILE 64
// Of X in a tile, where the weights leave room for it in the first-level cache, and where they do
// not: then a tile is read from the second, so that the weights are read the less often.
#define NEAR_BYTES 16384
#define FAR_BYTES 131072

typedef struct {
  Tile tiles[TILE / ROWS];
  uint count;  // rows
} Block;

INLINE uint rows_of_blocks(uint n, uint outputs) {
  const ulong weights = (ulong)n * outputs * sizeof(real);
  const ulong bytes = weights <= NEAR_BYTES ? NEAR_BYTES : FAR_BYTES;
  const ulong rows = bytes / (n * sizeof(real)) / LANES * LANES;
  return (uint)min(max(rows, (ulong)LANES), (ulong)TILE);
}

INLINE void find_block(const PassArguments* pass, GLOBAL const real* X, GLOBAL const uint* indexes,
                       const Range* range, ulong first, Block* block) {
  const ulong rows = rows_of_blocks(pass->rows.n, pass->outputs);
  block->count = (uint)min(rows, range->end - first);
  for (uint r = 0; r < block->count; r += ROWS) {
    block->tiles[r / ROWS] =
        tile_at(&pass->rows, X, indexes, range, first + r, first + block->count);
  }
}

// LANES columns of a tile's rows from column j on, or the last LANES of which those before j count
// 0; returns the first of them.
INLINE uint load_columns(const Tile* tile, uint n, uint j, lanes mask, lanes* x) {
  const int tail = j + LANES > n;
  const uint at = tail ? n - LANES : j;
  UNROLL
  for (uint r = 0; r < ROWS; ++r) x[r] = load_lanes(tile->x[r] + at);
  if (tail) {
    UNROLL
    for (uint r = 0; r < ROWS; ++r) x[r] *= mask;
  }
  return at;
}

// z of `count` outputs, OUTPUTS or one, of a tile.
INLINE void outputs_dots(const Tile* tile, GLOBAL const real* theta, GLOBAL const real* intercepts,
                         uint n, uint count, lanes mask, GLOBAL real* z) {
  lanes sums[OUTPUTS][ROWS];
  UNROLL
  for (uint k = 0; k < count; ++k) {
    UNROLL
    for (uint r = 0; r < ROWS; ++r) sums[k][r] = splat((real)0);
  }
  uint j = 0;
  for (; j < n && n >= LANES; j += LANES) {
    lanes x[ROWS];
    const uint at = load_columns(tile, n, j, mask, x);
    UNROLL
    for (uint k = 0; k < count; ++k) {
      const lanes t = load_lanes(theta + (ulong)k * n + at);
      UNROLL
      for (uint r = 0; r < ROWS; ++r) sums[k][r] = fma(x[r], t, sums[k][r]);
    }
  }
  UNROLL
  for (uint k = 0; k < count; ++k) {
    UNROLL
    for (uint r = 0; r < ROWS; ++r) {
      real sum = sum_lanes(sums[k][r]) + intercepts[k];
      for (uint i = j; i < n; ++i) sum = fma(tile->x[r][i], theta[(ulong)k * n + i], sum);
      z[k * TILE + r] = sum;
    }
  }
}

// gradient += δ·x of `count` outputs, OUTPUTS or one, of a tile.
INLINE void add_outputs(const Tile* tile, GLOBAL const real* residuals, uint n, uint count,
                        lanes mask, GLOBAL real* gradient) {
  lanes by[OUTPUTS][ROWS];
  UNROLL
  for (uint k = 0; k < count; ++k) {
    UNROLL
    for (uint r = 0; r < ROWS; ++r) by[k][r] = splat(residuals[k * TILE + r]);
  }
  uint j = 0;
  for (; j < n && n >= LANES; j += LANES) {
    lanes x[ROWS];
    const uint at = load_columns(tile, n, j, mask, x);
    UNROLL
    for (uint k = 0; k < count; ++k) {
      GLOBAL real* to = gradient + (ulong)k * n + at;
      lanes sum = load_lanes(to);
      UNROLL
      for (uint r = 0; r < ROWS; ++r) sum = fma(x[r], by[k][r], sum);
      store_lanes(sum, to);
    }
  }
  for (; j < n; ++j) {
    UNROLL
    for (uint k = 0; k < count; ++k) {
      real sum = gradient[(ulong)k * n + j];
      UNROLL
      for (uint r = 0; r < ROWS; ++r) sum = fma(tile->x[r][j], residuals[k * TILE + r], sum);
      gradient[(ulong)k * n + j] = sum;
    }
  }
}

INLINE void block_dots(const Block* block, const PassArguments* pass, GLOBAL const real* theta,
                       lanes mask, GLOBAL real* z) {
  const uint n = pass->rows.n;
  GLOBAL const real* intercepts = theta + (ulong)n * pass->outputs;
  uint k = 0;
  for (; k + OUTPUTS <= pass->outputs; k += OUTPUTS) {
    for (uint r = 0; r < block->count; r += ROWS) {
      outputs_dots(&block->tiles[r / ROWS], theta + (ulong)k * n, intercepts + k, n, OUTPUTS, mask,
                   z + k * TILE + r);
    }
  }
  for (; k < pass->outputs; ++k) {
    for (uint r = 0; r < block->count; r += ROWS) {
      outputs_dots(&block->tiles[r / ROWS], theta + (ulong)k * n, intercepts + k, n, 1, mask,
                   z + k * TILE + r);
    }
  }
}

INLINE void add_block(const Block* block, const PassArguments* pass, GLOBAL const real* residuals,
                      lanes mask, GLOBAL real* gradient) {
  const uint n = pass->rows.n;
  uint k = 0;
  for (; k + OUTPUTS <= pass->outputs; k += OUTPUTS) {
    for (uint r = 0; r < block->count; r += ROWS) {
      add_outputs(&block->tiles[r / ROWS], residuals + k * TILE + r, n, OUTPUTS, mask,
                  gradient + (ulong)k * n);
    }
  }
  for (; k < pass->outputs; ++k) {
    for (uint r = 0; r < block->count; r += ROWS) {
      add_outputs(&block->tiles[r / ROWS], residuals + k * TILE + r, n, 1, mask,
                  gradient + (ulong)k * n);
    }
  }
}

// `values` of rows first … first + LANES − 1 of a block, 0 past its last.
INLINE lanes only_block(const Block* block, lanes values, uint first) {
  const uint left = block->count - first;
  return left < LANES ? only_lanes(values, 0, left) : values;
}

// Those of LANES rows: column `column` of y, which has `targets`.
INLINE Labels labels_of(const Block* block, GLOBAL const real* y, GLOBAL const real* weights,
                        uint first, uint targets, uint column) {
  Labels labels = no_labels();
  for (uint i = 0; i < LANES; ++i) {
    const uint row = min(first + i, block->count - 1);
    const Tile* tile = &block->tiles[row / ROWS];
    labels.y[i] = y[tile->label[row % ROWS] * targets + column];
    if (WEIGHTED) labels.weight[i] = weights[tile->weight[row % ROWS]];
  }
  return labels;
}

// z of LANES rows becomes δ; the losses of these rows.
#ifdef SOFTMAX
INLINE lanes outcomes_of(const Block* block, const PassArguments* pass, GLOBAL const real* y,
                         GLOBAL const real* weights, uint first, GLOBAL real* z) {
  const uint outputs = pass->outputs;
  const Labels labels = labels_of(block, y, weights, first, 1, 0);
  const lanes label = load_lanes(labels.y);
  const lanes weight = WEIGHTED ? load_lanes(labels.weight) : splat((real)1);
  const Softmax softmax = softmax_of(z, outputs, TILE, label);
  Outcome at = outcome(softmax.loss, softmax.loss);
  for (uint k = 0; k < outputs; ++k) {
    const lanes residual = share_residual(share_of(z, k, TILE, softmax.rest), label, k);
    at = counted(outcome(softmax.loss, residual), weight);
    store_lanes(only_block(block, at.residual, first), z + k * TILE);
  }
  return at.loss;
}
#else
INLINE lanes outcomes_of(const Block* block, const PassArguments* pass, GLOBAL const real* y,
                         GLOBAL const real* weights, uint first, GLOBAL real* z) {
  lanes losses = splat((real)0);
  for (uint k = 0; k < pass->outputs; ++k) {
    const Labels labels = labels_of(block, y, weights, first, pass->outputs, k);
    const Outcome at =
        label_outcomes(load_lanes(z + k * TILE), &labels, pass->activation, pass->loss);
    store_lanes(only_block(block, at.residual, first), z + k * TILE);
    losses += at.loss;
  }
  return losses;
}
#endif

// z of the block becomes δ; returns Σℓ.
INLINE Sum block_residuals(const Block* block, const PassArguments* pass, GLOBAL const real* y,
                           GLOBAL const real* weights, GLOBAL real* z) {
  Sum total = sum_zero();
  for (uint first = 0; first < block->count; first += LANES) {
    const lanes losses = outcomes_of(block, pass, y, weights, first, z + first);
    total = sum_add(total, sum_lanes(only_block(block, losses, first)));
  }
  return total;
}

INLINE void add_intercepts(const Block* block, uint outputs, GLOBAL const real* residuals,
                           GLOBAL real* intercepts) {
  for (uint k = 0; k < outputs; ++k) {
    lanes sum = splat((real)0);
    for (uint first = 0; first < block->count; first += LANES)
      sum += load_lanes(residuals + k * TILE + first);
    intercepts[k] += sum_lanes(sum);
  }
}

KERNEL FIXED_GROUP(1) void gradient_outputs(GLOBAL const real* X, GLOBAL const real* y,
                                            GLOBAL const real* weights, GLOBAL const uint* indexes,
                                            GLOBAL const real* theta, GLOBAL const uint* state,
                                            GLOBAL real* scratch, GLOBAL real* partials,
                                            GLOBAL Sum* lossPartials, const PassArguments pass) {
  if (run_has_halted(state, lossPartials)) return;
  const uint n = pass.rows.n;
  const uint outputs = pass.outputs;
  const Range rows = group_rows(pass.rows.count);
  const lanes mask = tail_mask(n);
  GLOBAL real* partial = partials + (ulong)GROUP_ID * pass.stride;
  GLOBAL real* z = scratch + (ulong)GROUP_ID * outputs * TILE;
  Sum total = pass.accumulate ? lossPartials[GROUP_ID] : sum_zero();
  if (!pass.accumulate) {
    for (uint j = 0; j < n * outputs + outputs; ++j) partial[j] = 0;
  }
  Block block;
  for (ulong row = rows.first; row < rows.end; row += block.count) {
    find_block(&pass, X, indexes, &rows, row, &block);
    block_dots(&block, &pass, theta, mask, z);
    total = sum_join(total, block_residuals(&block, &pass, y, weights, z));
    add_intercepts(&block, outputs, z, partial + n * outputs);
    add_block(&block, &pass, z, mask, partial);
  }
  lossPartials[GROUP_ID] = total;
}

KERNEL FIXED_GROUP(1) void loss_outputs(GLOBAL const real* X, GLOBAL const real* y,
                                        GLOBAL const real* weights, GLOBAL const real* theta,
                                        GLOBAL const uint* state, GLOBAL real* scratch,
                                        GLOBAL Sum* lossPartials, const PassArguments pass) {
  if (state[STATE_HALT] != HALT_NONE) return;
  const Range rows = group_rows(pass.rows.count);
  const lanes mask = tail_mask(pass.rows.n);
  GLOBAL real* z = scratch + (ulong)GROUP_ID * pass.outputs * TILE;
  Sum total = pass.accumulate ? lossPartials[GROUP_ID] : sum_zero();
  Block block;
  for (ulong row = rows.first; row < rows.end; row += block.count) {
    find_block(&pass, X, (GLOBAL const uint*)0, &rows, row, &block);
    block_dots(&block, &pass, theta, mask, z);
    total = sum_join(total, block_residuals(&block, &pass, y, weights, z));
  }
  lossPartials[GROUP_ID] = total;
}

// φ of LANES rows.
INLINE void activate_outputs(GLOBAL real* z, uint outputs, int activation) {
#ifdef SOFTMAX
  const lanes rest = softmax_of(z, outputs, TILE, splat((real)0)).rest;
  for (uint k = 0; k < outputs; ++k) store_lanes(share_of(z, k, TILE, rest), z + k * TILE);
#else
  for (uint k = 0; k < outputs; ++k)
    store_lanes(activate(load_lanes(z + k * TILE), activation), z + k * TILE);
#endif
}

KERNEL FIXED_GROUP(1) void predict_outputs(GLOBAL const real* X, GLOBAL const real* theta,
                                           GLOBAL real* scratch, GLOBAL real* results,
                                           const PassArguments pass) {
  const Range rows = group_rows(pass.rows.count);
  const lanes mask = tail_mask(pass.rows.n);
  const uint outputs = pass.outputs;
  GLOBAL real* z = scratch + (ulong)GROUP_ID * outputs * TILE;
  Block block;
  for (ulong row = rows.first; row < rows.end; row += block.count) {
    find_block(&pass, X, (GLOBAL const uint*)0, &rows, row, &block);
    block_dots(&block, &pass, theta, mask, z);
    for (uint first = 0; first < block.count; first += LANES)
      activate_outputs(z + first, outputs, pass.activation);
    for (uint r = 0; r < block.count; ++r) {
      for (uint k = 0; k < outputs; ++k)
        results[block.tiles[r / ROWS].label[r % ROWS] * outputs + k] = z[k * TILE + r];
    }
  }
}
