// The sum, modulo 2³², of the 32-bit words of a buffer: every byte is read once and little else is
// done, so that its time is what the memory of the device allows a pass over X.
//
// words holds packs of four words, `first` … `first + count` − 1 of which are read, then the `rest`
// single words that follow them. A group takes every GROUP_COUNT-th stretch of AT_ONCE packs a
// work-item, neighbours side by side. Any count; sums[GROUP_ID] is written, or added to where
// `accumulate`.

#ifndef GROUP_SIZE
#define GROUP_SIZE 256
#endif
// Packs that a work-item asks for before it adds up the first, which hides the latency.
#ifndef AT_ONCE
#define AT_ONCE 4
#endif

typedef struct ALIGNED(16) {
  uint v[4];
} Words;

INLINE uint sum_words(Words words) { return (words.v[0] + words.v[1]) + (words.v[2] + words.v[3]); }

KERNEL FIXED_GROUP(GROUP_SIZE) void read_words(GLOBAL const Words* words, GLOBAL uint* sums,
                                               const ReadArguments part) {
  LOCAL_ARRAY(uint, scratch, GROUP_SIZE);
  GLOBAL const Words* from = words + part.first;
  const ulong count = part.count;
  const ulong stretch = (ulong)GROUP_SIZE * AT_ONCE;
  uint sum = 0;
  for (ulong start = GROUP_ID * stretch; start < count; start += GROUP_COUNT * stretch) {
    if (start + stretch <= count) {
      GLOBAL const Words* mine = from + start + LOCAL_ID;
      Words ahead[AT_ONCE];
      UNROLL
      for (uint k = 0; k < AT_ONCE; ++k) ahead[k] = mine[k * GROUP_SIZE];
      UNROLL
      for (uint k = 0; k < AT_ONCE; ++k) sum += sum_words(ahead[k]);
    } else {
      for (ulong i = start + LOCAL_ID; i < count; i += GROUP_SIZE) sum += sum_words(from[i]);
    }
  }
  if (GROUP_ID == 0) {
    GLOBAL const uint* last = (GLOBAL const uint*)(from + count);
    for (uint i = LOCAL_ID; i < part.rest; i += GROUP_SIZE) sum += last[i];
  }
  scratch[LOCAL_ID] = sum;
  for (uint reach = GROUP_SIZE / 2; reach > 0; reach /= 2) {
    LOCAL_BARRIER();
    if (LOCAL_ID < reach) scratch[LOCAL_ID] += scratch[LOCAL_ID + reach];
  }
  if (LOCAL_ID == 0) sums[GROUP_ID] = part.accumulate ? sums[GROUP_ID] + scratch[0] : scratch[0];
}
