import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import * as v from 'valibot';
import { Layer, Neuron, saveModel } from '../../lib';
import { modelSchema } from '../../lib/model-files/model-schema';
import { data, fileWriter, fitJson, temporaryFolder } from '../cli/thalweg';
import { root } from '../examples/run-example';
import { randomModels } from './random-model';

const folder = temporaryFolder();
const write = fileWriter(folder);
const place = (name: string): string => path.join(folder, name);
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const ajv = new Ajv({ strictTypes: false });
addFormats(ajv);
// As those who install the package find it.
const validate = ajv.compile(read(require.resolve('thalweg/model.schema.json')) as object);

/** What the JSON Schema finds wrong. */
function complaints(model: unknown): string[] {
  validate(model);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const three = 'x,town,size\n1,A,small\n2,B,small\n3,A,medium\n4,C,medium\n6,B,large\n7,C,large\n,A,large\n';

describe('the JSON Schema in the package takes', () => {
  test.each([
    ['a regression', [data('diabetes.csv'), '--target', 'progression', '--holdout', '0.2']],
    [
      'two classes',
      [data('breast-cancer.csv'), '--target', 'benign', '--l2', '0.1', '--class-weight', 'balanced'],
    ],
    ['three', [write('three.csv', three), '--target', 'size', '--missing', 'mean', '--l2', '0.1']],
    [
      'counts',
      [
        write('four.csv', three),
        '--target',
        'x',
        '--activation',
        'exp',
        '--strategy',
        'mini-batch',
        '--seed',
        '1',
      ],
    ],
  ])('what fit makes of %s', async (_, args) => {
    const file = place('fitted.json');
    await fitJson([...args, '--output', file]);
    expect(complaints(read(file))).toEqual([]);
  });

  test('what saveModel writes', async () => {
    const file = place('saved.json');
    const neuron = new Neuron({ weights: [1, 2], activation: 'sigmoid', classes: ['no', 'yes'] });
    const layer = new Layer({
      weights: [
        [1, 2],
        [3, 4],
      ],
      classes: [1.5, true],
    });
    for (const model of [neuron, layer]) {
      for (const options of [{}, { features: ['a', 'b'] }]) {
        await saveModel(model, file, options);
        expect(complaints(read(file))).toEqual([]);
      }
    }
  });

  test('models of every kind of column', () => {
    fc.assert(
      fc.property(randomModels, ({ json }) => {
        expect(complaints(JSON.parse(JSON.stringify(json)))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

type Json = Record<string, unknown>;

/** Every place in a value, as the keys on the way. */
function placesIn(value: unknown): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...placesIn(inner).map((rest) => [key, ...rest]),
  ]);
}

/** A copy that has something else in a place; undefined: nothing. */
function changed(value: unknown, at: readonly string[], other: unknown): unknown {
  const copy = structuredClone(value);
  const parent = at.slice(0, -1).reduce<Json>((inner, key) => inner[key] as Json, copy as Json);
  const last = at.at(-1) ?? '';
  if (other !== undefined) parent[last] = other;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
  return copy;
}

test('a mutilated file is refused wherever the package itself refuses its fields', async () => {
  const file = place('whole.json');
  await fitJson([write('five.csv', three), '--target', 'size', '--missing', 'mean', '--output', file]);
  const whole = read(file);
  const others = [undefined, null, true, -1, 1.5, '', 'x', [], {}, [[]], ['x'], { x: 1 }];
  const cases = placesIn(whole).flatMap((at) => others.map((other) => ({ at, other })));
  const wrong = cases.filter(({ at, other }) => {
    const model = changed(whole, at, other);
    const fields = v.safeParse(modelSchema, model).success;
    // Which fields go with which is said by the schema, and by the package beside it.
    const together =
      ['features', 'target', 'missing', 'neuron', 'layer'].includes(at[0] ?? '') && at.length === 1;
    return !together && validate(model) !== fields;
  });
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(500);
  for (const key of ['features', 'target', 'missing', 'layer'])
    expect(complaints(changed(whole, [key], undefined))).not.toEqual([]);
  expect(
    complaints({ ...(whole as Json), neuron: { weights: [1], bias: 0, activation: 'linear' } }),
  ).not.toEqual([]);
  expect(complaints({ ...(whole as Json), more: 1 })).toEqual([' must NOT have additional properties']);
});

test('it is made of what reads the files, and says which version it is of', () => {
  const schema = read(path.join(root, 'dist', 'model.schema.json'));
  expect(schema).toMatchObject({ title: 'A model of thalweg', properties: { version: { enum: [1, 2] } } });
});
