import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/tools.mjs';

function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** What recording writes itself, and what is made of it. */
const records = ['bench/results', 'docs', 'README.md'];

/** The commit that is measured; with -dirty where files that it measures differ from it. Without git, as it was packed. */
export function commit() {
  const { gitHead } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  if (gitHead !== undefined) return gitHead;
  const name = git('rev-parse', '--short=12', 'HEAD');
  const changed = git('status', '--porcelain', '--', '.', ...records.map((path) => `:(exclude)${path}`));
  return changed ? `${name}-dirty` : name;
}

export function processor() {
  return cpus()[0]?.model.trim() ?? 'unknown processor';
}

/** What a figure depends on, taken before anything runs. */
export function machine() {
  return {
    processor: processor(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.version,
    commit: commit(),
    date: new Date().toISOString(),
    loadBefore: loadavg()[0],
  };
}

/** Of the largest cache of a processor, where Linux tells; else what none exceeds by much. */
export function cacheBytes() {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  try {
    const sizes = readdirSync(folder)
      .filter((name) => name.startsWith('index'))
      .map((name) => readFileSync(`${folder}/${name}/size`, 'utf8').trim());
    return Math.max(...sizes.map((size) => parseInt(size, 10) * (size.endsWith('M') ? 2 ** 20 : 2 ** 10)));
  } catch {
    return 64 * 2 ** 20;
  }
}
