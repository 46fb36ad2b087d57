/**
 * Reads native/build.json for the builds: `node scripts/build-list.mjs KEY [NAME]` prints one value a line.
 * Keys are dotted paths into the file (`sources`, `release.defines`), besides `cpu.levels ARCH` (the names of
 * the CPU levels for that architecture, lowest first) and `cpu.level NAME` (that level's flags).
 */
import { readFileSync } from 'node:fs';
import { isMain } from './tools.mjs';

const root = new URL('../', import.meta.url);

export const buildList = JSON.parse(readFileSync(new URL('native/build.json', root), 'utf8'));

export function levels(arch) {
  return buildList.cpu.levels.filter((level) => level.arch === undefined || level.arch === arch);
}

export function values(key, name) {
  if (key === 'cpu.levels') return levels(name).map((level) => level.name);
  if (key === 'cpu.level') {
    const level = buildList.cpu.levels.find((candidate) => candidate.name === name);
    return level && [...buildList.cpu.compileFlags, ...level.compileFlags];
  }
  return [key.split('.').reduce((value, part) => value?.[part], buildList)].flat();
}

if (isMain(import.meta.url)) {
  const [key = '', name = process.arch] = process.argv.slice(2);
  const found = values(key, name);
  if (found === undefined || found.includes(undefined)) {
    console.error(`native/build.json holds no ${key} ${name}`);
    process.exit(1);
  }
  console.log(found.join('\n'));
}
