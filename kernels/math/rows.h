// How the rows of a span are reached: by the place `at` that a row has in it. A kind of row that is
// stored in another way is reached here and nowhere else.

// The number of a row in X.
INLINE ulong row_number(const RowSpan* span, GLOBAL const uint* indexes, ulong at) {
  return span->byIndex ? (ulong)indexes[span->first + at] : span->first + at;
}

// The number of its label in y.
INLINE ulong label_number(const RowSpan* span, ulong row, ulong at) {
  return span->byIndex ? row : span->firstLabel + at;
}

// The columns of row `row` of X.
INLINE GLOBAL const real* row_of(const RowSpan* span, GLOBAL const real* X, ulong row) {
  return X + row * span->n;
}

INLINE GLOBAL const real* row_at(const RowSpan* span, GLOBAL const real* X,
                                 GLOBAL const uint* indexes, ulong at) {
  return row_of(span, X, row_number(span, indexes, at));
}

INLINE real label_at(const RowSpan* span, GLOBAL const real* y, GLOBAL const uint* indexes,
                     ulong at) {
  return y[label_number(span, span->byIndex ? row_number(span, indexes, at) : 0, at)];
}

// The span's rows from place `at` on, at most so many.
INLINE RowSpan rows_of_span(const RowSpan* span, ulong at, ulong most) {
  RowSpan part = *span;
  part.first += at;
  part.firstLabel += at;
  part.count = min(most, span->count - at);
  return part;
}
