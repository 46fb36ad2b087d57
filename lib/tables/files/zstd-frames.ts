import { closeSync, openSync, readSync } from 'node:fs';

const FRAME = 0xfd2fb528;
/** Its last four bits are free. */
const SKIPPABLE = 0x184d2a50;

/** How many bytes of a frame's head the size of what it unpacks to takes, by the first two bits of its descriptor. */
const SIZE_BYTES = [0, 2, 4, 8];
const DICTIONARY_BYTES = [0, 1, 2, 4];

/**
 * Whether a file of zstd frames ends within one, by the heads of frames and blocks (RFC 8878), which are all of it that is read.
 * DuckDB takes what is there for the whole, and so do some versions of Node.
 */
export function endsWithinFrame(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytesAt = (at: number, count: number): Buffer => {
      const bytes = Buffer.alloc(count);
      return bytes.subarray(0, readSync(file, bytes, 0, count, at));
    };
    let at = 0;
    for (;;) {
      const head = bytesAt(at, 8);
      if (head.length === 0) return false;
      if (head.length < 5) return true;
      const magic = head.readUInt32LE(0);
      if (magic === FRAME) {
        const end = endOfFrame(bytesAt, at + 4, head.readUInt8(4));
        if (end === undefined || (end > at && bytesAt(end - 1, 1).length === 0)) return true;
        at = end;
      } else if ((magic & ~0xf) >>> 0 === SKIPPABLE && head.length === 8) at += 8 + head.readUInt32LE(4);
      // What is no frame is for those who unpack it to refuse.
      else return false;
    }
  } finally {
    closeSync(file);
  }
}

/** Where a frame ends whose descriptor is at `start`; undefined where the file does before its last block. */
function endOfFrame(
  bytesAt: (at: number, count: number) => Buffer,
  start: number,
  descriptor: number,
): number | undefined {
  const isSingle = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const size = flag === 0 && isSingle ? 1 : (SIZE_BYTES[flag] as number);
  let at = start + 1 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + size;
  for (;;) {
    const block = bytesAt(at, 3);
    if (block.length < 3) return undefined;
    const head = block.readUIntLE(0, 3);
    const isRepeated = ((head >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : head >> 3);
    if ((head & 1) === 1) return at + ((descriptor & 4) === 0 ? 0 : 4);
  }
}
