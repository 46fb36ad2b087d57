// Writes out rows of X with sparse columns, see sparse.h: row i of `rows`, n columns, becomes
// matrix row first + i, or that which indexes[first + i] names, as far as its dense columns stand
// in this part of a matrix that is split over several allocations. This is how steps over single
// rows and small batches, and AᵀA, read such rows.
//
// A group takes every GROUP_COUNT-th row, its work-items side by side along the columns; any n.

KERNEL FIXED_GROUP(GROUP_SIZE) void write_out(
    GLOBAL const real* X, GLOBAL const unsigned char* codes, GLOBAL const HeldCodes* codeColumns,
    GLOBAL const ulong* begins, GLOBAL const uint* columns, GLOBAL const real* values,
    GLOBAL const uint* places, GLOBAL const real* scaling, GLOBAL const uint* indexes,
    GLOBAL real* rows, const WriteOutArguments part) {
  const SparseShape* shape = &part.shape;
  const SparseRows from = sparse_rows(codes, codeColumns, begins, columns, values);
  GLOBAL const uint* placesOfSparse = places + shape->dense;
  for (ulong i = GROUP_ID; i < part.count; i += GROUP_COUNT) {
    const ulong row = part.byIndex ? (ulong)indexes[part.first + i] : part.first + i;
    // Of rows of another part nothing; all meet at the barrier.
    const int isHere = row >= part.firstRow && row - part.firstRow < part.partRows;
    const ulong at = isHere ? row : part.firstRow;
    GLOBAL real* to = rows + i * shape->n;
    const uint sparse = isHere ? shape->sparse : 0;
    for (uint j = LOCAL_ID; j < sparse; j += GROUP_SIZE) {
      const uint place = placesOfSparse[j];
      if (place != NOWHERE) to[place] = scaled_value(shape, scaling, j, (real)0);
    }
    GLOBAL const real* x = X + (part.firstX + at - part.firstRow) * shape->dense;
    const uint dense = isHere ? shape->dense : 0;
    for (uint j = LOCAL_ID; j < dense; j += GROUP_SIZE) to[places[j]] = x[j];
    MEET_GROUP();
    const uint codeCount = isHere ? shape->codeColumns : 0;
    for (uint c = LOCAL_ID; c < codeCount; c += GROUP_SIZE) {
      const uint column = column_of_code(&from, c, at);
      const uint place = placesOfSparse[column];
      if (place != NOWHERE) to[place] = scaled_value(shape, scaling, column, (real)1);
    }
    const int isCompressed = isHere && shape->isCompressed;
    const ulong end = isCompressed ? begins[at + 1] : 0;
    for (ulong e = (isCompressed ? begins[at] : 0) + LOCAL_ID; e < end; e += GROUP_SIZE)
      to[placesOfSparse[columns[e]]] = scaled_value(shape, scaling, columns[e], values[e]);
  }
}
