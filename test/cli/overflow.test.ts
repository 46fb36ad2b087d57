import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Neuron } from '../../lib';
import { expectFailure, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const linear = path.join(folder, 'linear.json');

/** The model of a small fit, with another weight. */
function modelWith(weight: number, bias: number): string {
  const model = JSON.parse(readFileSync(linear, 'utf8')) as { neuron: object };
  return write(
    'changed.json',
    JSON.stringify({ ...model, neuron: { ...model.neuron, weights: [weight], bias } }),
  );
}

beforeAll(async () => {
  await fitJson([write('small.csv', 'x,y\n1,2\n2,4\n3,6\n'), '--target', 'y', '--output', linear]);
});

test('weights that float64 cannot hold are an error that names the column', async () => {
  const tiny = write('tiny.csv', 'x,y\n1e-150,1e160\n2e-150,2e160\n3e-150,4e160\n');
  const output = path.join(folder, 'none.json');
  await expectFailure(['fit', tiny, '--target', 'y', '--json', '--output', output], {
    code: 'ERR_NOT_FINITE',
    message: /the weight of "x" is too large for float64/,
    column: 0,
  });
  expect(() => readFileSync(output)).toThrow('ENOENT');
});

test('a fit that standardises rejects so, and leaves the neuron as it was', async () => {
  const neuron = new Neuron({ weights: [3] });
  const X = [[1e-150], [2e-150], [3e-150]];
  const fit = neuron.fit(X, [1e160, 2e160, 4e160], {
    ...{ strategy: 'batch', learningRate: 'auto', iterations: 10, device: 'cpu', dtype: 'float64' },
    standardize: true,
  });
  await expect(fit).rejects.toMatchObject({ code: 'ERR_NOT_FINITE', column: 0 });
  expect([...neuron.weights]).toEqual([3]);
});

test('predictions that float64 cannot hold are empty, and counted aloud', async () => {
  const data = write('large.csv', 'x\n1\n10\n\n-10\n0.5\n');
  const run = await thalweg(['predict', modelWith(1e308, 0), data]);
  expect(run).toMatchObject({ code: 0, stdout: 'prediction\n1e+308\n""\n""\n""\n5e+307\n' });
  expect(run.stderr).toMatch(/^1 row without a prediction: a value is missing/);
  expect(run.stderr).toMatch(/^2 rows without a prediction: it is too large for float64\.$/m);
});

test('a score of such predictions is none, and says why', async () => {
  const data = write('scored.csv', 'x,y\n1,2\n10,4\n');
  const model = modelWith(1e308, 0);
  expect(await json(['evaluate', model, data])).toMatchObject({
    rows: 2,
    overflowed: 1,
    r2: null,
    loss: null,
  });
  const { stdout } = await thalweg(['evaluate', model, data]);
  expect(stdout).toMatch(
    /^no score on 2 rows of scored\.csv: the predictions of 1 are too large for float64\n/,
  );
  expect(await json(['evaluate', linear, data])).toMatchObject({ overflowed: 0 });
});
