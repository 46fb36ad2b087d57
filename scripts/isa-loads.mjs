/**
 * What the assembly of a kernel for an AMD GPU says of its loads. Generations name them differently: global_load_dwordx4
 * became global_load_b128, and the wait for them s_wait_loadcnt.
 */
const load =
  /^\s+(?:global|flat|buffer)_load_(?:(dword|[us]byte|[us]short)(?:x([234]))?|[bu](\d+)|[iu](?:8|16))(?:_\w+)?\s/;
const store = /^\s+(?:global|flat|buffer)_store_/;
const wait = /^\s+s_wait(?:cnt\s.*\bvmcnt\((\d+)\)|_loadcnt(?:_dscnt)?\s+(0x[\da-f]+|\d+))/;
const jump = /^\s+s_(?:branch|endpgm|setpc)/;

/** The bytes of a work-item that a line loads, or 0. */
function bytesOf(line) {
  const found = load.exec(line);
  if (found === null) return 0;
  const [, name, times = '1', bits] = found;
  if (bits !== undefined) return Number(bits) / 8;
  return name === 'dword' ? 4 * Number(times) : 1;
}

/** How many loads from global memory have each width, of 1 to 4 dwords. */
export function loadsIn(code) {
  const widths = code.split('\n').map((line) => bytesOf(line) / 4);
  return [1, 2, 3, 4].map((width) => widths.filter((one) => one === width).length);
}

/**
 * How many bytes a work-item has on their way at most: the loads between waits, read from the first line to the last, each
 * wait leaving the youngest that it names. A block that is jumped over counts for itself.
 *
 * @param storesCount whether a store is waited for like a load, as before gfx10
 */
export function bytesInFlight(code, storesCount = false) {
  let most = 0;
  let pending = [];
  for (const line of code.split('\n')) {
    const bytes = bytesOf(line);
    if (bytes > 0 || (storesCount && store.test(line))) {
      pending.push(bytes);
      const sum = pending.reduce((total, one) => total + one, 0);
      most = Math.max(most, sum);
      continue;
    }
    const waited = wait.exec(line);
    if (waited !== null) {
      // s_wait_loadcnt_dscnt has its count in bits 8 to 13.
      const word = Number(waited[1] ?? waited[2]);
      const left = line.includes('_dscnt') ? (word >> 8) & 63 : word;
      pending = left === 0 ? [] : pending.slice(-left);
    } else if (jump.test(line)) {
      pending = [];
    }
  }
  return most;
}
