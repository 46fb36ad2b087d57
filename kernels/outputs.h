// Softmax of rows with several outputs (programs that define SOFTMAX: the others hold none of its
// constants), of one row or of LANES: z of output k stands at
// z[k·stride], in SCRATCH memory. A row's label is the number of its class.

#ifndef SCRATCH
#define SCRATCH GLOBAL
#endif

#ifdef ROWS_SHAPE
#define load_value(from) load_lanes(from)
#define store_value(number, to) store_lanes(number, to)
#else
#define load_value(from) (*(from))
#define store_value(number, to) (*(to) = (number))
#endif

typedef struct {
  value rest;  // Σ of the exponentials but for one of the largest z
  value loss;  // −log p of the label
} Softmax;

// z becomes the exponentials, of which that of the largest z is 1.
INLINE Softmax softmax_of(SCRATCH real* z, uint outputs, uint stride, value label) {
  value most = load_value(z);
  value labelled = most;
  for (uint k = 1; k < outputs; ++k) {
    const value each = load_value(z + k * stride);
    most = each > most ? each : most;
    labelled = label == VALUE(k) ? each : labelled;
  }
  Softmax result;
  result.rest = VALUE(0);
  value seen = VALUE(0);
  for (uint k = 0; k < outputs; ++k) {
    const value below = load_value(z + k * stride) - most;
    const value part = exp_of_negative(below);
    const value counted = below == VALUE(0) ? seen : VALUE(1);
    result.rest = result.rest + part * counted;
    seen = below == VALUE(0) ? VALUE(1) : seen;
    store_value(part, z + k * stride);
  }
  result.loss = cross_entropy(result.rest, most - labelled);
  return result;
}

// p of output k, after softmax_of.
INLINE value share_of(SCRATCH const real* z, uint k, uint stride, value rest) {
  return softmax_share(load_value(z + k * stride), rest);
}

// Its δ.
INLINE value share_residual(value share, value label, uint k) {
  return share - (label == VALUE(k) ? VALUE(1) : VALUE(0));
}

// A row that counts `weight` times, where rows have weights.
INLINE Outcome counted(Outcome at, value weight) {
  return WEIGHTED ? weighted_outcome(at, weight) : at;
}
