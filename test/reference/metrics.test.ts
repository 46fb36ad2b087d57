import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as metrics from '../../lib/metrics';

type Value = number | string | boolean | null | readonly Value[] | { readonly [name: string]: Value };

interface Case {
  readonly what: string;
  readonly metric: keyof typeof metrics;
  readonly arguments: readonly number[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly value: Value;
}

interface Reference {
  readonly data: readonly unknown[];
  readonly cases: readonly Case[];
}

const file = readFileSync(path.join(__dirname, 'metrics.json'), 'utf8');
const { cases, data } = JSON.parse(file) as Reference;

function optionsOf(options: Case['options']): object {
  const { sampleWeight, zeroDivision, ...rest } = options;
  return {
    ...rest,
    ...(sampleWeight === undefined ? {} : { sampleWeight: data[sampleWeight as number] }),
    ...(zeroDivision === undefined ? {} : { zeroDivision: zeroDivision ?? NaN }),
  };
}

/** |a − b|/|b|, or |a − b| where |b| is below 1; none where both are NaN or equal. */
function distance(found: number, expected: number): number {
  if (Object.is(found, expected) || found === expected) return 0;
  return Math.abs(found - expected) / Math.max(Math.abs(expected), 1);
}

/** How far two values are apart at most; NaN where they are not alike. */
function apart(found: unknown, expected: Value): number {
  if (expected === null || expected === 'Infinity')
    return Object.is(found, expected === null ? NaN : Infinity) ? 0 : NaN;
  if (typeof expected === 'number') return typeof found === 'number' ? distance(found, expected) : NaN;
  if (Array.isArray(expected)) {
    const list = Array.from(found as ArrayLike<unknown>);
    if (list.length !== expected.length) return NaN;
    return Math.max(0, ...expected.map((one: Value, at) => apart(list[at], one)));
  }
  if (typeof expected === 'object')
    return Math.max(
      ...Object.entries(expected).map(([name, one]) => apart((found as Record<string, unknown>)[name], one)),
    );
  return found === expected ? 0 : NaN;
}

const byMetric = new Map(cases.map(({ metric }) => [metric, cases.filter((one) => one.metric === metric)]));

describe("scikit-learn's metrics", () => {
  test('are all there', () => {
    expect([...byMetric.keys()].sort()).toEqual(Object.keys(metrics).sort());
    expect(cases.length).toBeGreaterThan(800);
  });

  test.each([...byMetric])('%s is the same to 1e-12', (metric, ofMetric) => {
    const call = metrics[metric] as (...all: unknown[]) => unknown;
    const wrong = ofMetric.flatMap(({ what, arguments: places, options, value }) => {
      const found = call(...places.map((at) => data[at]), optionsOf(options));
      const off = apart(found, value);
      return off <= 1e-12 ? [] : [{ what, options, off, found, value }];
    });
    expect(wrong).toEqual([]);
  });
});
