// Sums over the work-items of a group, in a fixed tree: pairs half the group apart, then a quarter,
// and so on. GROUP_SIZE is a power of two. A group of one work-item needs no barrier, which CPU
// devices pay for dearly.

#ifndef GROUP_SIZE
#define GROUP_SIZE 256
#endif

#if GROUP_SIZE == 1
#define MEET_LOCAL()
#define MEET_GROUP()
#else
#define MEET_LOCAL() LOCAL_BARRIER()
#define MEET_GROUP() GROUP_BARRIER()
#endif

// Every work-item's value, added; all of them get the sum. `scratch` holds GROUP_SIZE values and is
// free again after.
INLINE Sum group_sum(Sum value, LOCAL Sum* scratch) {
#if GROUP_SIZE == 1
  return value;
#else
  scratch[LOCAL_ID] = value;
  for (uint reach = GROUP_SIZE / 2; reach > 0; reach /= 2) {
    LOCAL_BARRIER();
    if (LOCAL_ID < reach)
      scratch[LOCAL_ID] = sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach]);
  }
  LOCAL_BARRIER();
  const Sum sum = scratch[0];
  LOCAL_BARRIER();
  return sum;
#endif
}
