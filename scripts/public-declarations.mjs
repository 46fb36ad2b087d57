/**
 * Leaves in dist/ the declarations that an entry of package.json reaches, the package's public types, and removes the
 * others: `node scripts/public-declarations.mjs`, which `npm run build:lib` does last.
 */
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './tools.mjs';

const { exports: entries } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** The declarations that one of ours names, by their whole paths. */
function namedBy(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
  return own.map((name) => {
    const { resolvedModule } = ts.resolveModuleName(name, file, {}, ts.sys);
    if (resolvedModule === undefined) throw new Error(`${file} names ${name}, which is not there`);
    return resolvedModule.resolvedFileName;
  });
}

const reached = new Set();
const queue = Object.values(entries).flatMap(({ types }) => (types ? [path.join(root, types)] : []));
for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
  if (reached.has(file)) continue;
  reached.add(file);
  queue.push(...namedBy(file));
}

const dist = path.join(root, 'dist');
for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const file = path.join(dist, name);
  if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
}
