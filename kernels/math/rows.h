// How the rows of a span are reached: by the place `at` that a row has in it. A kind of row that is
// stored in another way is reached here and nowhere else.

// 1 where rows have weights, which is known when a kernel is compiled. Without, any buffer stands
// in for `weights`, which is not read.
#ifndef WEIGHTED
#define WEIGHTED 0
#endif

// The number of a row in X.
INLINE ulong row_number(const RowSpan* span, GLOBAL const uint* indexes, ulong at) {
  return span->byIndex ? (ulong)indexes[span->first + at] : span->first + at;
}

// The number of its label in y.
INLINE ulong label_number(const RowSpan* span, ulong row, ulong at) {
  return span->byIndex ? row : span->firstLabel + at;
}

// That of its weight.
INLINE ulong weight_number(const RowSpan* span, ulong row, ulong at) {
  return span->byIndex ? row : span->firstWeight + at;
}

// The columns of row `row` of X.
INLINE GLOBAL const real* row_of(const RowSpan* span, GLOBAL const real* X, ulong row) {
  return X + row * span->n;
}

INLINE GLOBAL const real* row_at(const RowSpan* span, GLOBAL const real* X,
                                 GLOBAL const uint* indexes, ulong at) {
  return row_of(span, X, row_number(span, indexes, at));
}

// What the outcome of a row takes besides z.
typedef struct {
  real y;
  real weight;
} Label;

INLINE Label label_of(const RowSpan* span, GLOBAL const real* y, GLOBAL const real* weights,
                      ulong row, ulong at) {
  Label label;
  label.y = y[label_number(span, row, at)];
  label.weight = WEIGHTED ? weights[weight_number(span, row, at)] : (real)1;
  return label;
}

INLINE Label label_at(const RowSpan* span, GLOBAL const real* y, GLOBAL const real* weights,
                      GLOBAL const uint* indexes, ulong at) {
  return label_of(span, y, weights, span->byIndex ? row_number(span, indexes, at) : 0, at);
}

// The span's rows from place `at` on, at most so many.
INLINE RowSpan rows_of_span(const RowSpan* span, ulong at, ulong most) {
  RowSpan part = *span;
  part.first += at;
  part.firstLabel += at;
  part.firstWeight += at;
  part.count = min(most, span->count - at);
  return part;
}
