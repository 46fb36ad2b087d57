import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileWriter, temporaryFolder, thalweg } from '../cli/thalweg';
import { root } from './run-example';

const folder = temporaryFolder();
const write = fileWriter(folder);

test.each([
  ['flights', '@duckdb/node-api vega-datasets'],
  ['endpoint', 'express'],
])('%s says what to install where that is missing', async (name, packages) => {
  const example = path.join(folder, `${name}.js`);
  cpSync(path.join(root, 'examples', `${name}.js`), example);
  mkdirSync(path.join(folder, 'node_modules', 'thalweg'), { recursive: true });
  write(path.join('node_modules', 'thalweg', 'index.js'), 'module.exports = {};');
  const { code, stdout, stderr } = await thalweg([], { main: example });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^Cannot find module '[^']+'\nThis example needs more packages: npm install (.*)\n$/,
  );
  expect(stderr.trimEnd().endsWith(`npm install ${packages}`)).toBe(true);
});
