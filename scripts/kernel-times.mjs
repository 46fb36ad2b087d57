/**
 * About how long each wide kernel takes on cards that nobody here has, from its compiled code: check-isa.mjs prints it, and
 * `node scripts/kernel-times.mjs FILE` does from what `check-isa.mjs --json` printed.
 *
 * A kernel that reads memory can be no faster than its bytes over the card's bandwidth, and by Little's law no faster than
 * its bytes on their way over the memory's latency: groups that a unit holds at once (registers, local memory, how many
 * there are) × work-items × the bytes that each asks for before it waits. What it leaves out: waits at barriers, caches,
 * arithmetic, the launch. So a figure above the limit is a fault, and one at the limit a promise.
 */
import { readFileSync } from 'node:fs';
import { isMain } from './tools.mjs';

const micro = 1e-6;
const kibi = 1024;
const sharedByUnit = 64 * kibi;

/** Of AMD's generations, by what the compiler counts: waves a SIMD. */
const byOccupancy =
  (simds) =>
  ({ occupancy }) =>
    occupancy * simds;
/** 64K registers a multiprocessor, 64 warps at most. There is no such compiler here: AMD's code for waves of 32 stands in. */
const byRegisters = ({ vgprs }) => Math.min(64, Math.floor((64 * kibi) / 32 / vgprs));

/**
 * Bandwidths and units are those of the makers' data sheets. Latencies are guesses, of memory under load: a few tenths of
 * a microsecond is what others measured without, and half as much again, or twice as much, is usual with it.
 */
export const cards = [
  {
    ...{ name: 'RX 6500 XT', target: 'gfx1034', bandwidth: 144e9, latency: 0.6 * micro },
    ...{ units: 16, wave: 32, local: sharedByUnit, groupsPerUnit: 4, waves: byOccupancy(2) },
  },
  {
    ...{ name: 'RX 7900 XTX', target: 'gfx1100', bandwidth: 960e9, latency: 0.6 * micro },
    ...{ units: 96, wave: 32, local: sharedByUnit, groupsPerUnit: 4, waves: byOccupancy(2) },
  },
  {
    ...{ name: 'RX 9060 XT', target: 'gfx1200', bandwidth: 320e9, latency: 0.6 * micro },
    ...{ units: 32, wave: 32, local: sharedByUnit, groupsPerUnit: 4, waves: byOccupancy(2) },
  },
  {
    ...{ name: 'MI300X', target: 'gfx942', bandwidth: 5300e9, latency: 0.8 * micro },
    ...{ units: 304, wave: 64, local: sharedByUnit, groupsPerUnit: 4, waves: byOccupancy(4) },
  },
  {
    ...{ name: 'H100 SXM', target: 'gfx1100', bandwidth: 3350e9, latency: 0.8 * micro },
    ...{ units: 132, wave: 32, local: 227 * kibi, groupsPerUnit: 8, waves: byRegisters },
  },
];

const groupSize = 256;
const passBytes = 256 * 2 ** 20;
const [stepColumns, stepStride, columnsOfStep] = [1024, 1040, 16];
const widthOf = (dtype) => (dtype === 'float64' ? 8 : 4);

/** Groups of a pass over so large an X: native/device/kernels/plan/pass.cc, and sizes.cc for how many a unit. */
const passGroups = ({ units, groupsPerUnit }) => units * groupsPerUnit;

const pass = { bytes: () => passBytes, groups: passGroups };
const afterPass = {
  bytes: (card, dtype) => passGroups(card) * stepStride * widthOf(dtype),
  groups: () => Math.ceil((stepColumns + 1) / columnsOfStep),
};

/**
 * What each does: bytes, groups, and waits for memory before it can ask for them. Of X of 256 MiB, and after a pass over it
 * with n = 1024. Not here: `steps` and `gram`, which other things than memory hold up, and `gram_sum`, once a run.
 */
const works = {
  read_words: pass,
  gradient_narrow: pass,
  gradient: pass,
  gradient_sweep: pass,
  gradient_slice_dots: pass,
  gradient_slices: pass,
  predict: pass,
  loss_sum: pass,
  gradient_outputs: pass,
  residuals_outputs: pass,
  slopes_outputs: pass,
  predict_outputs: pass,
  loss_outputs: pass,
  gather: { bytes: () => 2 * 4 * 2 ** 20, groups: passGroups },
  settle: { bytes: (card) => passGroups(card) * 8, groups: () => 1, waits: 1 },
  settle_and_step: { ...afterPass, waits: 2 },
  take_step: { ...afterPass, waits: 1 },
  reduce_gradient: afterPass,
};

/** How many bytes are on their way at once, of so many groups of a compiled kernel. */
function bytesOnTheirWay(row, card, groups) {
  const byWaves = card.waves(row) / (groupSize / card.wave);
  const byLocal = row.local === 0 ? Infinity : card.local / row.local;
  const held = Math.max(1, Math.floor(Math.min(byWaves, byLocal)));
  return Math.min(groups, held * card.units) * groupSize * row.inFlight;
}

/**
 * The slowest program of each kernel on each card, of those that were compiled for its instruction set.
 *
 * @param rows as check-isa.mjs makes them: { kernel, dtype, target, variant, vgprs, occupancy, local, inFlight }
 * @returns { kernel, dtype, card, limit, seconds, variant }, times in seconds
 */
export function kernelTimes(rows) {
  const times = new Map();
  for (const card of cards) {
    for (const row of rows.filter(({ target, kernel }) => target === card.target && kernel in works)) {
      const { bytes: bytesOf, groups: groupsOf, waits = 0 } = works[row.kernel];
      const bytes = bytesOf(card, row.dtype);
      const limit = bytes / card.bandwidth;
      const rounds = Math.ceil(bytes / bytesOnTheirWay(row, card, groupsOf(card)));
      const seconds = Math.max(limit, rounds * card.latency) + waits * card.latency;
      const key = [row.kernel, row.dtype, card.name].join();
      const { kernel, dtype, variant } = row;
      if (seconds > (times.get(key)?.seconds ?? 0))
        times.set(key, { kernel, dtype, card: card.name, limit, seconds, variant });
    }
  }
  return [...times.values()];
}

const microseconds = (seconds) => Number((seconds / micro).toPrecision(2));

/** Lines of Markdown: microseconds by the model, of how many that memory allows. */
export function timesTable(rows) {
  const times = kernelTimes(rows);
  const known = cards.filter(({ name }) => times.some(({ card }) => card === name));
  const head = ['kernel', 'dtype', ...known.map(({ name }) => name)];
  const lines = [...new Set(times.map(({ kernel, dtype }) => `${kernel} ${dtype}`))].map((key) => {
    const [kernel, dtype] = key.split(' ');
    const cells = known.map(({ name }) => {
      const one = times.find((time) => time.kernel === kernel && time.dtype === dtype && time.card === name);
      return one === undefined ? '' : `${microseconds(one.seconds)} (${microseconds(one.limit)})`;
    });
    return [`\`${kernel}\``, dtype, ...cells];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}

if (isMain(import.meta.url)) {
  const rows = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  console.log(timesTable(rows).join('\n'));
}
