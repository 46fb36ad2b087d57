import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as prettier from 'prettier';
import { root } from '../../scripts/tools.mjs';
import { machine } from './machine.mjs';

const folder = path.join(root, 'bench', 'results');

/** The file of this machine's last recorded run: 'amd-epyc-2-cores.json'. */
function fileOf({ processor, cores }, dtype) {
  const name = `${processor} ${cores} cores ${dtype === 'float64' ? dtype : ''}`;
  return path.join(
    folder,
    `${name
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      .join('-')}.json`,
  );
}

/** What was recorded last on a machine like this one, or undefined. */
export async function recorded(dtype) {
  try {
    return JSON.parse(await readFile(fileOf(machine(), dtype), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Keeps a run, formatted as the linter likes it; returns its file. */
export async function keep(record) {
  const file = fileOf(record.machine, record.settings.dtype);
  const options = await prettier.resolveConfig(file);
  await mkdir(folder, { recursive: true });
  const text = await prettier.format(JSON.stringify(record), { ...options, filepath: file });
  await writeFile(file, text);
  return file;
}
