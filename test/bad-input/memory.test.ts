import { statfsSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { type Dtype, batchGradientDescent } from '../../lib';
import { describeOnUsualDevices, withEnvironment } from '../support/each-device';
import { type Expected, expectRejection } from '../support/expectations';

const tooLarge: Expected = { code: 'ERR_OUT_OF_MEMORY', message: /memory|room|allocat/i };

describeOnUsualDevices('more than the memory holds', (target) => {
  async function expectRefused(rows: number, columns: number, dtype: Dtype): Promise<void> {
    const matrix = target.device.matrix({ shape: [rows, columns], dtype, chunks: [] });
    await expectRejection(matrix, tooLarge);
  }

  /** The device must be as good as before. */
  afterEach(async () => {
    const { device, dtypes } = target;
    await batchGradientDescent([[1]], [1], {
      learningRate: 0.1,
      iterations: 1,
      device,
      dtype: dtypes[0] as Dtype,
    });
  });

  it.each(target.dtypes)('is refused, and the device works on: %s', async (dtype) => {
    await expectRefused(4_000_000_000, 1000, dtype);
    await expectRefused(1_000_000, 1_000_000, dtype);
  });

  it.each(target.dtypes)('is refused where the count of bytes exceeds 64 bits: %s', async (dtype) => {
    await expectRefused(2 ** 31, 2 ** 30, dtype);
    await expectRefused(2 ** 31, 2 ** 31, dtype);
    await expectRefused(2 ** 32 - 2, 2 ** 53 - 1, dtype);
    await expectRefused(1, 2 ** 53 - 1, dtype);
    await expectRefused(1, 2 ** 50, dtype);
  });

  it('is told where else X has room', async () => {
    const folder = tmpdir();
    const dtype = target.dtypes[0] as Dtype;
    const told = async (rows: number): Promise<RegExp> => {
      const { bavail, bsize } = statfsSync(folder);
      const matrix = { shape: [rows, 1000] as const, dtype, chunks: [] };
      const isOnDisk = rows * 1000 * (dtype === 'float32' ? 4 : 8) <= (7 / 8) * bavail * bsize;
      const message = isOnDisk ? /residency 'disk' is in a file in/ : /a larger disk in THALWEG_SPOOL/;
      await expectRejection(target.device.matrix(matrix), { code: 'ERR_OUT_OF_MEMORY', message });
      return message;
    };
    await withEnvironment({ THALWEG_SPOOL: folder }, async () => {
      await told(Math.ceil((1.1 * totalmem()) / 4000));
      expect(await told(4_000_000_000)).toEqual(/a larger disk in THALWEG_SPOOL/);
    });
  });

  it.each(['lbfgs', 'sgd'] as const)(
    'is refused for the weights of very many columns: %s',
    async (optimizer) => {
      const { device, dtypes } = target;
      const columns = 4_000_000_000; // 32 GB a vector
      const X = {
        data: Float32Array.of(1, 2),
        indices: Uint32Array.of(5, columns - 1),
        indptr: Uint32Array.of(0, 1, 2),
        shape: [2, columns] as [number, number],
      };
      const ways = optimizer === 'lbfgs' ? { optimizer } : { optimizer, learningRate: 0.1 };
      const options = { ...ways, iterations: 2, device, dtype: dtypes[0] as Dtype };
      await expectRejection(batchGradientDescent(X, [1, 2], options), tooLarge);
    },
  );

  it('is refused for the gram matrix of very wide rows', async () => {
    const { device, dtypes } = target;
    const n = 200_000; // 320 GB in float64
    const X = { data: new Float32Array(2 * n).fill(1), shape: [2, n] as [number, number] };
    const options = {
      learningRate: 1e-6,
      iterations: 2,
      plan: 'gram',
      device,
      dtype: dtypes[0] as Dtype,
    } as const;
    const expected = device.id === 'cpu' ? { ...tooLarge, message: /use plan: 'fused'/ } : tooLarge;
    await expectRejection(batchGradientDescent(X, [1, 2], options), expected);
  });
});
