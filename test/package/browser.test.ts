import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { loadModel } from '../../lib/model';
import { output } from './support';
import { withUnpacked } from './tarball';

/** Debian's, installed by `npm run test:package`. */
const executablePath = output('sh', ['-c', 'command -v chromium || command -v chromium-browser']).trim();

const features = [
  { name: 'x', kind: 'number', mean: 1, scale: 2, form: { read: 'number', decimal: ',', after: ['€'] } },
  { name: 'when', kind: 'date', mean: 20_000, scale: 300, form: { read: 'date', order: 'month-name' } },
  {
    name: '__proto__',
    kind: 'category',
    levels: ['B', '<b>'],
    leftOut: 'A',
    means: [0.5, 0.2],
    scales: [0.5, 0.4],
  },
];
const rows = [
  { x: '1,5 €', when: '3 March 2024', ['__proto__']: '<b>' },
  { x: 7, when: null, ['__proto__']: 'C' },
];
const header = { format: 'thalweg-model', version: 2, missing: 'mean', features };
const target = { name: 'y', kind: 'category', levels: ['no', 'yes', '"'] };
const models = [
  ...['linear', 'tanh', 'relu', 'softplus', 'exp', 'sigmoid'].map((activation) => ({
    ...{ ...header, target: { name: 'y', kind: 'number' } },
    neuron: { weights: [0.3, -1e-5, 0.7, -2], bias: 0.1, activation },
  })),
  {
    ...{ ...header, target },
    layer: {
      weights: [
        [0.1, 0.2, -0.3],
        [1e-5, 0, -1e-5],
        [1, -1, 0.5],
        [0.2, 0.4, 0.8],
      ],
      ...{ biases: [0.1, -0.1, 0], activation: 'softmax' },
    },
  },
];

describe('thalweg/model of the packed tarball in Chromium', () => {
  const module = withUnpacked((folder) =>
    readFileSync(path.join(folder, 'dist', 'model', 'index.mjs'), 'utf8'),
  );
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('pageerror', ({ message }) => failures.push(message));
    page.on('request', (request) => failures.push(request.url()));
    // An import map gives the module the name that a bundler would resolve.
    const url = `data:text/javascript;base64,${Buffer.from(module).toString('base64')}`;
    await page.setContent(`<script type="importmap">${JSON.stringify({ imports: { 'thalweg/model': url } })}</script>
      <script type="module">import * as thalweg from 'thalweg/model'; globalThis.thalweg = thalweg;</script>`);
    await page.waitForFunction('globalThis.thalweg !== undefined');
  });

  afterAll(async () => {
    await browser.close();
  });

  test.each(
    models.map(
      (model) =>
        [('neuron' in model ? model.neuron : model.layer).activation, JSON.stringify(model)] as const,
    ),
  )('predicts and explains as here: %s', async (_, model) => {
    const here = loadModel(model);
    const expected = JSON.stringify([here.predict(rows), rows.map((row) => here.explain(row))]);
    // From text, by which __proto__ is a key like others.
    const there = `(() => {
      const rows = JSON.parse(${JSON.stringify(JSON.stringify(rows))});
      const model = thalweg.loadModel(${JSON.stringify(model)});
      return JSON.stringify([model.predict(rows), rows.map((row) => model.explain(row))]);
    })()`;
    const aNumber = /-?\d+(\.\d+)?(e[-+]?\d+)?/g;
    const numbers = (text: string): number[] => (text.match(aNumber) ?? []).map(Number);
    const words = (text: string): string => text.replace(aNumber, '0');
    const found = await page.evaluate<string>(there);
    const [actual, wanted] = [numbers(found), numbers(expected)];
    expect(words(found)).toBe(words(expected));
    expect(wanted.length).toBeGreaterThan(8);
    wanted.forEach((number, at) => {
      expect(Math.abs((actual[at] ?? NaN) - number)).toBeLessThanOrEqual(1e-12 * Math.abs(number));
    });
  });

  test('refuses with the same error, and asks the network for nothing', async () => {
    const there = `(() => { try { thalweg.loadModel('{}'); } catch (error) { return [error.name, error.code, error.path]; } })()`;
    expect(await page.evaluate(there)).toEqual(['ThalwegError', 'ERR_MODEL', 'format']);
    expect(failures.filter((failure) => !failure.startsWith('data:'))).toEqual([]);
  });
});
