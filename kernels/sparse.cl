// The passes over X with sparse columns, see sparse.h, K outputs a row, for GPUs and CPUs alike:
// φ(XΘ + b) of every row, Σℓ, and Xᵀδ and Σδ.
//
// By rows, a work-item each: what is held of a row is looked up in θ, of which sparse_weights has
// made what gives the same sums with columns as they are held, x̃θ = x(θ·factor) − mean·(θ·factor):
// in `held`, K weights a sparse column side by side, less the sums of the second term, `shifts`. By
// columns, for the gradient: host code lays the entries of each column side by side, in the order
// of the rows, and cuts them into segments, whose sums of x·δ are made by a few work-items each and
// then added in their order. No two work-items add to the same number, so that the same data give
// the same bits whatever the device has of units, and a column of one row costs what it holds.
//
// The dense columns' part of z stands in `residuals`, K a row, when the rows' kernels begin: that
// of a pass without a gradient over them. These leave −δ/2 in its place. As the targets of a linear
// neuron with squared loss and weights of 0 its δ is this one, so that a gradient pass over the
// dense columns makes theirs, which sparse_columns takes from its partials.
//
// theta holds the n weights of each output, output by output, then K intercepts, in the order of
// the columns of X, and `partials` gets one row that is laid out alike.

#ifndef OUTPUTS
#define OUTPUTS 1  // at once
#endif

// Work-items that share a segment, or the segments of a column.
#define TEAM (GROUP_SIZE < 32 ? GROUP_SIZE : 32)
#define TEAMS (GROUP_SIZE / TEAM)

// Σ over the work-items of a team, in the first of them. `scratch` holds GROUP_SIZE values; ends
// with a barrier.
INLINE_BARRIERS Sum team_sum(Sum value, LOCAL Sum* scratch) {
  scratch[LOCAL_ID] = value;
  for (uint reach = TEAM / 2; reach > 0; reach /= 2) {
    MEET_LOCAL();
    if (LOCAL_ID % TEAM < reach)
      scratch[LOCAL_ID] = sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach]);
  }
  const Sum sum = scratch[LOCAL_ID];
  MEET_LOCAL();
  return sum;
}

// What θ and b are to columns as they are held; of no rows. `dense` gets the weights of the dense
// columns, output by output.
KERNEL FIXED_GROUP(GROUP_SIZE) void sparse_weights(GLOBAL const real* theta,
                                                   GLOBAL const uint* places,
                                                   GLOBAL const real* scaling, GLOBAL real* dense,
                                                   GLOBAL real* held, GLOBAL Sum* shifts,
                                                   const SparseArguments pass) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  const SparseShape* shape = &pass.shape;
  const uint outputs = pass.outputs;
  for (ulong e = (ulong)GROUP_ID * GROUP_SIZE + LOCAL_ID; e < (ulong)shape->dense * outputs;
       e += (ulong)GROUP_COUNT * GROUP_SIZE) {
    dense[e] = theta[e / shape->dense * shape->n + places[e % shape->dense]];
  }
  const uint each = (shape->sparse + GROUP_COUNT - 1) / GROUP_COUNT;
  const uint first = min(GROUP_ID * each, shape->sparse);
  const uint end = min(first + each, shape->sparse);
  for (uint k = 0; k < outputs; ++k) {
    Sum shift = sum_zero();
    for (uint j = first + LOCAL_ID; j < end; j += GROUP_SIZE) {
      const uint place = places[shape->dense + j];
      real weight = place == NOWHERE ? (real)0 : theta[(ulong)k * shape->n + place];
      if (shape->isScaled) {
        weight *= scaling[shape->sparse + j];
        shift = sum_add_product(shift, weight, scaling[j]);
      }
      held[(ulong)j * outputs + k] = weight;
    }
    if (shape->isScaled) {
      shift = group_sum(shift, scratch);
      if (LOCAL_ID == 0) shifts[GROUP_ID * outputs + k] = shift;
    }
  }
}

// b of output k, less what the means of scaled columns come to.
INLINE real moved_intercept(const SparseArguments* pass, GLOBAL const real* theta,
                            GLOBAL const Sum* shifts, uint k) {
  Sum moved = sum_zero();
  for (uint p = 0; p < pass->shifts; ++p) moved = sum_join(moved, shifts[p * pass->outputs + k]);
  const real intercept = theta[(ulong)pass->shape.n * pass->outputs + k];
  return sum_value(sum_add(sum_scale(moved, (real)-1), intercept));
}

// z += what is held of a row times the weights of outputs first … first + OUTPUTS − 1; the last
// output stands in for those past it.
INLINE void add_sparse_dots(const SparseArguments* pass, const SparseRows* rows,
                            GLOBAL const real* held, ulong row, uint first, real* z) {
  const uint outputs = pass->outputs;
  uint at[OUTPUTS];
  UNROLL
  for (uint i = 0; i < OUTPUTS; ++i) at[i] = min(first + i, outputs - 1);
  for (uint c = 0; c < pass->shape.codeColumns; ++c) {
    GLOBAL const real* weights = held + (ulong)column_of_code(rows, c, row) * outputs;
    UNROLL
    for (uint i = 0; i < OUTPUTS; ++i) z[i] += weights[at[i]];
  }
  if (!pass->shape.isCompressed) return;
  const ulong end = rows->begins[row + 1];
  for (ulong e = rows->begins[row]; e < end; ++e) {
    GLOBAL const real* weights = held + (ulong)rows->columns[e] * outputs;
    const real x = rows->values[e];
    UNROLL
    for (uint i = 0; i < OUTPUTS; ++i) z[i] = fma(x, weights[at[i]], z[i]);
  }
}

// The rows of a group: a block of neighbours, of which each work-item has every GROUP_SIZE-th.
typedef struct {
  ulong first;
  ulong end;
} OwnRows;

INLINE OwnRows own_rows(ulong count) {
  const ulong tiles = (count + GROUP_SIZE - 1) / GROUP_SIZE;
  const ulong each = (tiles + GROUP_COUNT - 1) / GROUP_COUNT * GROUP_SIZE;
  OwnRows own;
  own.first = min((ulong)GROUP_ID * each, count) + LOCAL_ID;
  own.end = min((ulong)(GROUP_ID + 1) * each, count);
  return own;
}

// z of all outputs of the work-item's rows, where the dense columns' part of it stands.
INLINE void find_outputs(const SparseArguments* pass, const SparseRows* rows, const OwnRows* own,
                         GLOBAL const real* theta, GLOBAL const real* held,
                         GLOBAL const Sum* shifts, GLOBAL real* z) {
  const uint outputs = pass->outputs;
  for (uint k = 0; k < outputs; k += OUTPUTS) {
    real intercepts[OUTPUTS];
    UNROLL
    for (uint i = 0; i < OUTPUTS; ++i)
      intercepts[i] = moved_intercept(pass, theta, shifts, min(k + i, outputs - 1));
    for (ulong at = own->first; at < own->end; at += GROUP_SIZE) {
      GLOBAL real* to = z + at * outputs + k;
      real sums[OUTPUTS];
      UNROLL
      for (uint i = 0; i < OUTPUTS; ++i) {
        sums[i] = intercepts[i];
        if (pass->shape.dense > 0 && k + i < outputs) sums[i] += to[i];
      }
      add_sparse_dots(pass, rows, held, pass->first + at, k, sums);
      UNROLL
      for (uint i = 0; i < OUTPUTS; ++i) {
        if (k + i < outputs) to[i] = sums[i];
      }
    }
  }
}

KERNEL FIXED_GROUP(GROUP_SIZE) void sparse_predict(
    GLOBAL const unsigned char* codes, GLOBAL const HeldCodes* codeColumns,
    GLOBAL const ulong* begins, GLOBAL const uint* columns, GLOBAL const real* values,
    GLOBAL const real* theta, GLOBAL const real* held, GLOBAL const Sum* shifts,
    GLOBAL real* results, const SparseArguments pass) {
  const SparseRows rows = sparse_rows(codes, codeColumns, begins, columns, values);
  const OwnRows own = own_rows(pass.count);
  const uint outputs = pass.outputs;
  find_outputs(&pass, &rows, &own, theta, held, shifts, results);
  for (ulong at = own.first; at < own.end; at += GROUP_SIZE) {
    GLOBAL real* z = results + at * outputs;
#ifdef SOFTMAX
    const real rest = softmax_of(z, outputs, 1, (real)0).rest;
    for (uint k = 0; k < outputs; ++k) z[k] = share_of(z, k, 1, rest);
#else
    for (uint k = 0; k < outputs; ++k) z[k] = activate(z[k], pass.activation);
#endif
  }
}

// z of a row becomes −δ/2; its loss.
INLINE real become_targets(const SparseArguments* pass, GLOBAL const real* y, real weight,
                           ulong row, GLOBAL real* z) {
  const uint outputs = pass->outputs;
#ifdef SOFTMAX
  const real label = y[row];
  const Softmax softmax = softmax_of(z, outputs, 1, label);
  for (uint k = 0; k < outputs; ++k) {
    const real residual = share_residual(share_of(z, k, 1, softmax.rest), label, k);
    z[k] = counted(outcome(softmax.loss, residual), weight).residual * (real)-0.5;
  }
  return counted(outcome(softmax.loss, (real)0), weight).loss;
#else
  real loss = 0;
  for (uint k = 0; k < outputs; ++k) {
    const Outcome at =
        label_outcome(z[k], y[row * outputs + k], weight, pass->activation, pass->loss);
    z[k] = at.residual * (real)-0.5;
    loss += at.loss;
  }
  return loss;
#endif
}

// Leaves −δ/2 of all rows, and a group's sums of them, of each output, and of their losses.
KERNEL FIXED_GROUP(GROUP_SIZE) void sparse_residuals(
    GLOBAL const unsigned char* codes, GLOBAL const HeldCodes* codeColumns,
    GLOBAL const ulong* begins, GLOBAL const uint* columns, GLOBAL const real* values,
    GLOBAL const real* theta, GLOBAL const real* held, GLOBAL const Sum* shifts,
    GLOBAL const real* y, GLOBAL const real* weights, GLOBAL const uint* state,
    GLOBAL real* residuals, GLOBAL Sum* residualSums, GLOBAL Sum* lossPartials,
    const SparseArguments pass) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (run_has_halted(state, lossPartials)) return;
  const SparseRows rows = sparse_rows(codes, codeColumns, begins, columns, values);
  const OwnRows own = own_rows(pass.count);
  const uint outputs = pass.outputs;
  find_outputs(&pass, &rows, &own, theta, held, shifts, residuals);
  Sum total = sum_zero();
  for (ulong at = own.first; at < own.end; at += GROUP_SIZE) {
    const real weight = WEIGHTED ? weights[at] : (real)1;
    total = sum_add(total, become_targets(&pass, y, weight, at, residuals + at * outputs));
  }
  total = group_sum(total, scratch);
  if (LOCAL_ID == 0) lossPartials[GROUP_ID] = total;
  for (uint k = 0; k < outputs; ++k) {
    Sum sum = sum_zero();
    for (ulong at = own.first; at < own.end; at += GROUP_SIZE)
      sum = sum_add(sum, residuals[at * outputs + k]);
    sum = group_sum(sum, scratch);
    if (LOCAL_ID == 0) residualSums[GROUP_ID * outputs + k] = sum;
  }
}

// Segment s has the entries segments[s] … segments[s + 1] − 1: rows[e], and behind those of codes,
// which are 1, a value each.
KERNEL FIXED_GROUP(GROUP_SIZE) void sparse_segments(GLOBAL const uint* rows,
                                                    GLOBAL const real* values,
                                                    GLOBAL const ulong* segments,
                                                    GLOBAL const real* residuals,
                                                    GLOBAL const uint* state, GLOBAL Sum* sums,
                                                    const SparseArguments pass) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;
  const uint outputs = pass.outputs;
  for (ulong first = (ulong)GROUP_ID * TEAMS; first < pass.segments;
       first += (ulong)GROUP_COUNT * TEAMS) {
    const ulong segment = first + LOCAL_ID / TEAM;
    const ulong at = min(segment, pass.segments - 1);
    const ulong end = segments[at + 1];
    for (uint k = 0; k < outputs; k += OUTPUTS) {
      Sum own[OUTPUTS];
      UNROLL
      for (uint i = 0; i < OUTPUTS; ++i) own[i] = sum_zero();
      for (ulong e = segments[at] + LOCAL_ID % TEAM; e < end; e += TEAM) {
        GLOBAL const real* residual = residuals + (ulong)rows[e] * outputs;
        const real x = e < pass.codeEntries ? (real)1 : values[e - pass.codeEntries];
        UNROLL
        for (uint i = 0; i < OUTPUTS; ++i)
          own[i] = sum_add_product(own[i], x, residual[min(k + i, outputs - 1)]);
      }
      UNROLL
      for (uint i = 0; i < OUTPUTS; ++i) {
        const Sum sum = team_sum(own[i], scratch);
        if (LOCAL_ID % TEAM == 0 && segment < pass.segments && k + i < outputs)
          sums[segment * outputs + k + i] = sum;
      }
    }
  }
}

// The work-item's part of Xᵀδ of a column as it is held, to be added over its team.
INLINE Sum part_of_column(const SparseArguments* pass, GLOBAL const ulong* segmentsOf,
                          GLOBAL const Sum* segmentSums, GLOBAL const real* densePartials,
                          uint column, uint k) {
  const uint dense = pass->shape.dense;
  Sum part = sum_zero();
  if (column < dense) {
    for (uint p = LOCAL_ID % TEAM; p < pass->densePartials; p += TEAM) {
      part = sum_add(part, densePartials[(ulong)p * pass->denseStride + k * dense + column]);
    }
    return part;
  }
  const ulong end = segmentsOf[column - dense + 1];
  for (ulong s = segmentsOf[column - dense] + LOCAL_ID % TEAM; s < end; s += TEAM)
    part = sum_join(part, segmentSums[s * pass->outputs + k]);
  return sum_scale(part, (real)-2);
}

// Sparse column j has the segments segmentsOf[j] … segmentsOf[j + 1] − 1.
KERNEL FIXED_GROUP(GROUP_SIZE) void sparse_columns(
    GLOBAL const ulong* segmentsOf, GLOBAL const Sum* segmentSums, GLOBAL const real* densePartials,
    GLOBAL const Sum* residualSums, GLOBAL const uint* places, GLOBAL const real* scaling,
    GLOBAL const uint* state, GLOBAL real* partials, const SparseArguments pass) {
  LOCAL_ARRAY(Sum, scratch, GROUP_SIZE);
  if (state[STATE_HALT] != HALT_NONE) return;
  const SparseShape* shape = &pass.shape;
  const uint outputs = pass.outputs;
  const uint held = shape->dense + shape->sparse;
  for (uint k = 0; k < outputs; ++k) {
    // Σδ of all rows.
    Sum all = sum_zero();
    if (shape->isScaled || GROUP_ID == 0) {
      for (uint p = LOCAL_ID; p < pass.groups; p += GROUP_SIZE)
        all = sum_join(all, residualSums[p * outputs + k]);
      all = sum_scale(group_sum(all, scratch), (real)-2);
    }
    if (GROUP_ID == 0 && LOCAL_ID == 0) partials[(ulong)outputs * shape->n + k] = sum_value(all);
    for (uint first = GROUP_ID * TEAMS; first < held; first += GROUP_COUNT * TEAMS) {
      const uint column = first + LOCAL_ID / TEAM;
      const uint at = min(column, held - 1);
      Sum sum =
          team_sum(part_of_column(&pass, segmentsOf, segmentSums, densePartials, at, k), scratch);
      const uint place = places[at];
      if (LOCAL_ID % TEAM == 0 && column < held && place != NOWHERE) {
        if (shape->isScaled && column >= shape->dense) {
          const uint j = column - shape->dense;
          sum = sum_add_scaled(sum, all, -scaling[j]);
          sum = sum_scale(sum, scaling[shape->sparse + j]);
        }
        partials[(ulong)k * shape->n + place] = sum_value(sum);
      }
    }
  }
}
