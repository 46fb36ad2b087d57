// Copies the rows that indexes[first …] name, as far as they stand in one part of a matrix that is
// split over several allocations: row i of `rows` and of `labels` becomes matrix row indexes[first
// + i] and its label.
//
// The part holds matrix rows partFirst … partFirst + partRows − 1, from row xRow of X and yRow of y
// on. A group takes every GROUP_COUNT-th row, its work-items side by side along the columns; any n.

#ifndef GROUP_SIZE
#define GROUP_SIZE 256
#endif

KERNEL FIXED_GROUP(GROUP_SIZE) void gather(GLOBAL const real* X, ulong xRow, GLOBAL const real* y,
                                           ulong yRow, ulong partFirst, ulong partRows,
                                           GLOBAL const uint* indexes, ulong first, ulong count,
                                           uint n, GLOBAL real* rows, GLOBAL real* labels) {
  for (ulong i = GROUP_ID; i < count; i += GROUP_COUNT) {
    const ulong row = indexes[first + i];
    if (row < partFirst || row - partFirst >= partRows) continue;
    GLOBAL const real* x = X + (xRow + row - partFirst) * n;
    for (uint j = LOCAL_ID; j < n; j += GROUP_SIZE) rows[i * n + j] = x[j];
    if (LOCAL_ID == 0) labels[i] = y[yRow + row - partFirst];
  }
}
