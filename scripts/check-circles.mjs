/** Fails where modules of lib/ import one another in a circle, types and `require` included. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { fail, root } from './tools.mjs';

const lib = path.join(root, 'lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The modules of lib/ that one of them names: imports, types among them, and what is required later. */
function namedBy(file) {
  const text = readFileSync(path.join(lib, file), 'utf8');
  const required = [...text.matchAll(/\brequire\('(\.[^']*)'\)/g)].map(([, name]) => name);
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return [...new Set([...imported, ...required])]
    .filter((name) => name.startsWith('.'))
    .map((name) => path.join(path.dirname(file), name.replace(/\.js$/, '')))
    .flatMap((name) => [`${name}.ts`, path.join(name, 'index.ts')])
    .filter((name) => files.includes(name));
}

const imports = new Map(files.map((file) => [file, namedBy(file)]));
const done = new Set();

/** The circle that can be reached from the end of a chain of imports, if there is one. */
function circleFrom(chain) {
  const file = chain.at(-1);
  if (done.has(file)) return undefined;
  for (const next of imports.get(file)) {
    const at = chain.indexOf(next);
    const circle = at >= 0 ? [...chain.slice(at), next] : circleFrom([...chain, next]);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

for (const file of files) {
  const circle = circleFrom([file]);
  if (circle !== undefined) fail(`a circle of imports in lib/: ${circle.join(' → ')}`);
}
