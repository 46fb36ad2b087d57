// What the wide passes over rows share.

// Where row `at` of the pass stands in the matrix.
INLINE ulong matrix_row(GLOBAL const uint* indexes, int byIndex, ulong first, ulong at) {
  return byIndex ? (ulong)indexes[first + at] : first + at;
}

// The group's Σδ and Σℓ, added over its work-items and written by the first.
INLINE void write_totals(real intercept, Sum total, int accumulate, LOCAL Sum* scratch,
                         GLOBAL real* interceptPartial, GLOBAL Sum* lossPartial) {
  const Sum interceptSum = group_sum(sum_of(intercept), scratch);
  const Sum totalSum = group_sum(total, scratch);
  if (LOCAL_ID != 0) return;
  *interceptPartial =
      sum_value(accumulate ? sum_add(interceptSum, *interceptPartial) : interceptSum);
  *lossPartial = accumulate ? sum_join(*lossPartial, totalSum) : totalSum;
}
