import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as prettier from 'prettier';
import { devices } from 'thalweg';
import { root } from '../../scripts/tools.mjs';
import { machine } from './machine.mjs';

const folder = path.join(root, 'bench', 'results');

/**
 * The file of a machine's last recorded run: 'amd-epyc-2-cores-x86-64-v3.json'. With the instruction set that the CPU device
 * uses, since virtual machines call processors of several generations by one name.
 */
function fileOf({ processor, cores }, found, dtype) {
  const level = found.find(({ id }) => id === 'cpu').driver;
  const name = `${processor} ${cores} cores ${level} ${dtype === 'float64' ? dtype : ''}`;
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
    return JSON.parse(await readFile(fileOf(machine(), await devices(), dtype), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What was recorded on other machines, of the same element type. */
export async function recordedElsewhere(record) {
  const own = path.basename(fileOf(record.machine, record.devices, record.settings.dtype));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== own).sort();
  const records = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8'))),
  );
  return records.filter(({ settings }) => settings.dtype === record.settings.dtype);
}

/** Keeps a run, formatted as the linter likes it; returns its file. */
export async function keep(record) {
  const file = fileOf(record.machine, record.devices, record.settings.dtype);
  const options = await prettier.resolveConfig(file);
  await mkdir(folder, { recursive: true });
  const text = await prettier.format(JSON.stringify(record), { ...options, filepath: file });
  await writeFile(file, text);
  return file;
}
