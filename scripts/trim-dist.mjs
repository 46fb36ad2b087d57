/**
 * Removes from dist/ what is not to be published: declarations that no entry of package.json reaches, so that public types
 * are left alone, what was compiled of sources that are gone, and the modules of the command line, which is one file:
 * `node scripts/trim-dist.mjs`, which `npm run build:lib` does last.
 */
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
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

/** `scripts/bundle-cli.mjs` has put the others into it. */
const commandLine = path.join('cli', 'main.js');

function isPublished(name) {
  if (name.startsWith(`cli${path.sep}`)) return name === commandLine;
  if (name.endsWith('.d.ts')) return reached.has(path.join(root, 'dist', name));
  return !name.endsWith('.js') || existsSync(path.join(root, 'lib', name.replace(/js$/, 'ts')));
}

for (const name of readdirSync(path.join(root, 'dist'), { recursive: true, encoding: 'utf8' }))
  if (!isPublished(name)) rmSync(path.join(root, 'dist', name), { recursive: true, force: true });
