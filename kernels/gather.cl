// Copies the rows that indexes[first …] name, as far as they stand in one part of a matrix that is
// split over several allocations: row i of `rows` and of `labels` becomes matrix row indexes[first
// + i] and its targets, of which there may be several.
//
// A group takes every GROUP_COUNT-th row, its work-items side by side along the columns; any n.

#ifndef GROUP_SIZE
#define GROUP_SIZE 256
#endif

KERNEL FIXED_GROUP(GROUP_SIZE) void gather(GLOBAL const real* X, GLOBAL const real* y,
                                           GLOBAL const uint* indexes, GLOBAL real* rows,
                                           GLOBAL real* labels, const GatherArguments part) {
  const uint n = part.n;
  for (ulong i = GROUP_ID; i < part.count; i += GROUP_COUNT) {
    const ulong row = indexes[part.first + i];
    if (row < part.firstRow || row - part.firstRow >= part.partRows) continue;
    GLOBAL const real* x = X + (part.firstX + row - part.firstRow) * n;
    for (uint j = LOCAL_ID; j < n; j += GROUP_SIZE) rows[i * n + j] = x[j];
    GLOBAL const real* targets = y + (part.firstY + row - part.firstRow) * part.targets;
    for (uint k = LOCAL_ID; k < part.targets; k += GROUP_SIZE)
      labels[i * part.targets + k] = targets[k];
  }
}
