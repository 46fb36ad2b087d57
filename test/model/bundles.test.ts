import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { build } from 'esbuild';
import webpack from 'webpack';
import { loadModel } from '../../lib/model';
import { thalweg } from '../cli/thalweg';
import { root } from '../examples/run-example';

// Within the checkout, where 'thalweg' is what was built here; what is bundled lies elsewhere, but for what stays external.
const inside = path.join(root, 'build', 'bundles');
mkdirSync(inside, { recursive: true });
const folder = mkdtempSync(path.join(inside, 'run-'));
const outside = mkdtempSync(path.join(tmpdir(), 'thalweg-bundles-'));

afterAll(() => {
  for (const one of [folder, outside]) rmSync(one, { recursive: true });
});

interface Bundling {
  readonly target: 'node' | 'browser';
  readonly external: readonly string[];
  readonly file: string;
}

type Bundler = (entry: string, bundling: Bundling) => Promise<void>;

const bundlers: Readonly<Record<string, Bundler>> = {
  esbuild: async (entry, { target, external, file }) => {
    await build({
      ...{
        entryPoints: [entry],
        outfile: file,
        bundle: true,
        minify: true,
        format: 'iife',
        logLevel: 'error',
      },
      ...(target === 'node' ? { platform: 'node', format: 'cjs' } : { platform: 'browser' }),
      external: [...external],
    });
  },
  webpack: async (entry, { target, external, file }) => {
    const stats = await promisify<webpack.Configuration, webpack.Stats | undefined>(webpack)({
      ...{ mode: 'production', entry, target: target === 'node' ? 'node20' : 'web', devtool: false },
      output: { path: path.dirname(file), filename: path.basename(file) },
      externals: Object.fromEntries(external.map((name) => [name, `commonjs ${name}`])),
      // What a bundle of addons is warned of is what is tested here.
      ignoreWarnings: [() => true],
    });
    if (stats?.hasErrors() !== false) throw new Error(stats?.toString({ all: false, errors: true }));
  },
};

const json = JSON.stringify({
  ...{
    format: 'thalweg-model',
    version: 2,
    missing: 'mean',
    target: { name: 'y', kind: 'category', levels: ['no', 'yes'] },
  },
  features: [
    { name: 'x', kind: 'number', mean: 1, scale: 2, form: { read: 'number', decimal: ',' } },
    { name: 'town', kind: 'category', levels: ['B'], leftOut: 'A', means: [0.5], scales: [0.5] },
  ],
  neuron: { weights: [0.5, -2], bias: 0.1, activation: 'sigmoid' },
});
const rows = [
  { x: '1,5', town: 'A' },
  { x: 7, town: 'B' },
  { x: null, town: 'C' },
];
const said = JSON.stringify(loadModel(json).predict(rows));

const predicting = {
  'an ES module': ['mjs', `import { loadModel } from 'thalweg/model';`],
  'a CommonJS module': ['cjs', `const { loadModel } = require('thalweg/model');`],
} as const;

describe.each(Object.entries(bundlers))('%s', (name, bundle) => {
  test.each(Object.entries(predicting))(
    'makes of %s that imports thalweg/model a bundle that asks for nothing',
    async (_, [extension, head]) => {
      const entry = path.join(folder, `predict-${name}.${extension}`);
      const call = `globalThis.said = JSON.stringify(loadModel(${JSON.stringify(json)}).predict(${JSON.stringify(rows)}));`;
      writeFileSync(entry, `${head}\n${call}\n`);
      const file = path.join(outside, `predict-${name}-${extension}.js`);
      await bundle(entry, { target: 'browser', external: [], file });
      // A realm with what the language has, and nothing of Node or of a browser.
      const realm = vm.createContext({});
      vm.runInContext(readFileSync(file, 'utf8'), realm);
      expect((realm as { said?: string }).said).toBe(said);
    },
  );

  const training = `const { Neuron } = require('thalweg');
    new Neuron({ weights: [2], bias: 1 }).predict([[3]]).then(
      ([y]) => console.log(y),
      ({ code, message }) => console.log(code + ': ' + message));`;

  test('leaves thalweg where it is, where that is external', async () => {
    const entry = path.join(folder, `external-${name}.cjs`);
    writeFileSync(entry, training);
    const file = path.join(folder, `external-${name}.out.cjs`);
    await bundle(entry, { target: 'node', external: ['thalweg'], file });
    expect(await thalweg([], { main: file })).toEqual({ code: 0, stdout: '7\n', stderr: '' });
  });

  test('bundles thalweg without its addon, which then tells what to do', async () => {
    const entry = path.join(folder, `bundled-${name}.cjs`);
    writeFileSync(entry, training);
    const file = path.join(outside, `bundled-${name}.out.cjs`);
    await bundle(entry, { target: 'node', external: [], file });
    const { code, stdout, stderr } = await thalweg([], { main: file });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ERR_ADDON_NOT_FOUND: thalweg was bundled, and its compiled addon was not/);
    expect(stdout).toContain('--external:thalweg');
  });
});

const LARGEST = 20 * 1024;

test('what a browser loads is an ES module below 20 KiB, with no import', async () => {
  const file = path.join(root, 'dist', 'model', 'index.mjs');
  const { metafile, outputFiles } = await build({
    ...{ entryPoints: [file], bundle: true, minify: true, format: 'esm', platform: 'neutral' },
    ...{ write: false, metafile: true },
  });
  expect(Object.keys(metafile.inputs)).toHaveLength(1);
  expect(Object.values(metafile.inputs)[0]?.imports).toEqual([]);
  expect(outputFiles[0]?.contents.length).toBeLessThan(LARGEST);
  expect(readFileSync(file).length).toBeLessThan(LARGEST);
});

test('a worker predicts in a process that may read no file but the bundle', async () => {
  const worker = `import { loadModel } from ${JSON.stringify('./predictor.mjs')};
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage(JSON.stringify(loadModel(${JSON.stringify(json)}).predict(${JSON.stringify(rows)})));`;
  const main = `const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(path.join(outside, 'worker.mjs'))});
    worker.on('message', (said) => { console.log(said); });
    try { require('node:fs').readFileSync('/etc/hostname'); } catch ({ code }) { console.log(code); }`;
  writeFileSync(
    path.join(outside, 'predictor.mjs'),
    readFileSync(path.join(root, 'dist', 'model', 'index.mjs')),
  );
  writeFileSync(path.join(outside, 'worker.mjs'), worker);
  writeFileSync(path.join(outside, 'main.cjs'), main);
  const flag =
    Number(process.versions.node.split('.')[0]) >= 24 ? '--permission' : '--experimental-permission';
  const nodeArguments = [flag, '--allow-worker', `--allow-fs-read=${outside}/*`, '--no-warnings'];
  const { code, stdout } = await thalweg([], {
    main: path.join(outside, 'main.cjs'),
    nodeArguments,
    cwd: outside,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `ERR_ACCESS_DENIED\n${said}\n` });
});
