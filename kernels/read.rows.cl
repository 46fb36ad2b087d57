// The sum, modulo 2³², of the 32-bit words of a buffer, as read.wide.cl has it: what the memory
// allows a pass over X on CPU devices.
//
// Of words, 4·first … 4·(first + count) + rest − 1 are read. Each group, one work-item, takes a
// contiguous part of them, AT_ONCE vectors at a time. sums[GROUP_ID] is written, or added to where
// `accumulate`.

#ifndef AT_ONCE
#define AT_ONCE 4
#endif

KERNEL FIXED_GROUP(1) void read_words(GLOBAL const uint* words, GLOBAL uint* sums,
                                      const ReadArguments part) {
  GLOBAL const uint* from = words + 4 * part.first;
  const ulong total = 4 * part.count + part.rest;
  const ulong stretch = AT_ONCE * WORD_LANES;
  const ulong share = (total / GROUP_COUNT + stretch) / stretch * stretch;
  const ulong end = min((GROUP_ID + 1) * share, total);
  ulong i = min(GROUP_ID * share, end);
  word_lanes partial[AT_ONCE];
  UNROLL
  for (uint k = 0; k < AT_ONCE; ++k) partial[k] = (word_lanes)(0);
  for (; i + stretch <= end; i += stretch) {
    UNROLL
    for (uint k = 0; k < AT_ONCE; ++k) partial[k] += load_words(from + i + k * WORD_LANES);
  }
  uint sum = part.accumulate ? sums[GROUP_ID] : 0;
  UNROLL
  for (uint k = 0; k < AT_ONCE; ++k) {
    uint each[WORD_LANES];
    store_words(partial[k], each);
    for (uint w = 0; w < WORD_LANES; ++w) sum += each[w];
  }
  for (; i < end; ++i) sum += from[i];
  sums[GROUP_ID] = sum;
}
