import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ThalwegError } from '../../lib';
import { Score } from '../../lib/metrics/score';
import { activations } from '../../lib/objective/activations';
import { checkPair, lossFor } from '../../lib/objective/losses';
import { activationTable, lossTable } from '../../lib/objective/tables';
import { invalidPairs, pairs } from '../support/arbitrary';
import { curves, linearSquared, lossAt, losses } from '../support/plain';

describe('the tables of objectives', () => {
  const header = readFileSync(path.join(__dirname, '..', '..', 'kernels', 'math', 'objectives.h'), 'utf8');
  const lines = [...header.matchAll(/^\s+ROW\((\w+), (\d+),/gm)].map(([, name, code]) => ({ name, code }));

  it('hold every line of the header, and codes are given once', () => {
    const names = lines.map(({ name }) => name);
    expect([...Object.keys(activationTable), ...Object.keys(lossTable)].sort()).toEqual([...names].sort());
    const activationCodes = lines.filter(({ name }) => name !== undefined && name in activationTable);
    const lossCodes = lines.filter(({ name }) => name !== undefined && name in lossTable);
    for (const codes of [activationCodes, lossCodes])
      expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
  });

  it('have a float64 reference for each line, and each activation a function', () => {
    expect(Object.keys(curves)).toEqual(Object.keys(activationTable));
    expect(Object.keys(losses).sort()).toEqual(Object.keys(lossTable).sort());
    expect(Object.keys(activations)).toEqual(Object.keys(activationTable));
  });

  it('pair each activation with a loss that it may train with', () => {
    for (const activation of Object.keys(activationTable) as (keyof typeof activationTable)[])
      expect(pairs).toContainEqual({ activation, loss: lossFor(activation) });
  });

  it.each(Object.values(activations))('score %p by the mean of that loss', (phi) => {
    const [y, z] = [
      [1, 0, 1],
      [0.3, -1.2, 2],
    ];
    const score = new Score(phi.name);
    score.add(y, z);
    const objective = { ...linearSquared, activation: phi.name, loss: lossFor(phi.name) };
    const expected = z.reduce((sum, at, i) => sum + lossAt(objective, at, y[i] as number), 0) / 3;
    expect(score.meanLoss).toBeCloseTo(expected, 12);
  });

  it('refuse just the pairs whose loss is undefined', () => {
    for (const { activation, loss } of pairs)
      expect(() => {
        checkPair(activation, loss);
      }).not.toThrow();
    for (const { activation, loss } of invalidPairs)
      expect(() => {
        checkPair(activation, loss);
      }).toThrow(ThalwegError);
  });
});
