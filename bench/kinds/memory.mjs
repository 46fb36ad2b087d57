import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const child = fileURLToPath(new URL('../children/memory.mjs', import.meta.url));

/** The most memory that a fit takes in a process of its own; Linux alone tells. */
export async function measure(one, context) {
  if (!existsSync('/proc/self/status')) {
    context.say(`${one.id}: this system does not tell the most memory of a process`);
    return [];
  }
  const results = [];
  for (const { rows, columns } of one.shapes) {
    const bytes = 4 * rows * columns;
    context.say(`${one.id}: n = ${columns}, ${rows} rows…`);
    const above = async (source) => {
      const args = [child, source, String(rows), String(columns)];
      return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout).bytes;
    };
    const values = {
      chunksMebibytes: ((await above('chunks')) - bytes) / 2 ** 20,
      typedArrayCopies: (await above('array')) / bytes,
    };
    results.push({ title: `n = ${columns}`, rows, columns, dtype: 'float32', bytes, contenders: {}, values });
  }
  return results;
}
