/**
 * What the kernels are and what the addon compiles of them, for the scripts that check them.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './tools.mjs';

const require = createRequire(import.meta.url);

/** The kernels of one shape, 'wide' or 'rows', by the names that their files give them. */
export function kernelsOf(shape) {
  const other = shape === 'rows' ? '.wide.cl' : '.rows.cl';
  const files = readdirSync(path.join(root, 'kernels')).filter(
    (file) => file.endsWith('.cl') && !file.endsWith(other),
  );
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, 'kernels', file), 'utf8');
    return [...text.matchAll(/\bKERNEL\b[^{;]*?\bvoid\s+(\w+)\s*\(/g)].map((match) => match[1]);
  });
}

/** Every program that the addon may compile for such a device: `{ dtype, files, defines }`, see lib/addon/native.ts. */
export function programsFor(device) {
  return require('node-gyp-build')(root).kernelPrograms(device);
}
