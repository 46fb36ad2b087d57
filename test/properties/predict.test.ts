import fc from 'fast-check';
import { Neuron } from '../../lib';
import { Uniform, activations, exactIn, flat, realData, seeds } from '../support/arbitrary';
import { roundoff } from '../../lib/check/bounds';
import { describeOnEachDevice } from '../support/each-device';
import { bits } from '../support/expectations';
import * as plain from '../support/plain';

describeOnEachDevice('prediction', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it.each(activations)('gives the outputs of %s', async (activation) => {
      const cases = fc.asyncProperty(target.shapes(20_000), seeds, async ({ m, n }, seed) => {
        const random = new Uniform(seed);
        const data = realData(dtype, m, n, 'squared', random);
        const scale = 4 / Math.sqrt(n);
        const theta = exactIn(
          dtype,
          random.array(n, () => scale * random.signed()),
        );
        const at = { theta, intercept: 0.5 };
        const neuron = new Neuron({ weights: theta, bias: 0.5, activation });
        const outputs = await neuron.predict(flat(dtype, data), { device: target.device });
        expect(outputs).toHaveLength(m);
        const u = roundoff[dtype];
        const off = Array.from(outputs, (got, i) => {
          const magnitudes = data.X.subarray(i * n, i * n + n).reduce(
            (sum, x, j) => sum + Math.abs(x * (theta[j] as number)),
            0.5,
          );
          const expected = plain.output(activation, plain.dot(data, i, at));
          const slope = activation === 'exp' ? expected : 1;
          return (
            Math.abs(got - expected) /
            (u * (2 * (n + 2) * magnitudes * slope + 16 * (1 + Math.abs(expected))))
          );
        });
        expect(Math.max(...off)).toBeLessThan(1);
      });
      await fc.assert(cases, { numRuns: target.runs(12) });
    });

    it('gives the outputs that the neuron itself gives, at every sign and size of z', async () => {
      const z = [-1000, -745, -88, -40, -1e-9, 0, 1e-9, 1, 40, 88, 700, 1000];
      for (const activation of activations) {
        const neuron = new Neuron({ weights: [1], activation });
        const outputs = await neuron.predict(
          z.map((value) => [value]),
          { device: target.device, dtype },
        );
        const expected = z.map((value) => {
          const output = neuron.output([value]);
          return dtype === 'float64' ? output : Math.fround(output);
        });
        const close = expected.map((value, i) => {
          const got = outputs[i] as number;
          return got === value || Math.abs(got - value) <= 1e-5 * Math.abs(value) + 1e-37 ? value : got;
        });
        expect({ activation, outputs: close }).toEqual({ activation, outputs: expected });
      }
    });

    it('is the same bits from nested arrays, a flat array and a resident matrix', async () => {
      const data = realData(dtype, 129, 17, 'squared', new Uniform(11));
      const neuron = new Neuron({ weights: data.X.slice(0, 17), activation: 'tanh' });
      const options = { device: target.device };
      const X = flat(dtype, data);
      const nested = Array.from({ length: 129 }, (_, i) => Array.from(X.data.subarray(17 * i, 17 * i + 17)));
      const resident = await target.device.matrix(X);
      const first = await neuron.predict(X, options);
      expect(bits(await neuron.predict(resident, options))).toBe(bits(first));
      expect(bits(await neuron.predict(resident))).toBe(bits(first));
      expect(bits(await neuron.predict(nested, { ...options, dtype }))).toBe(bits(first));
      resident.dispose();
    });
  });
});
