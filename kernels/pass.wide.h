// What the wide passes over rows share.

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
