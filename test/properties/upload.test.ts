import { type Dtype, batchGradientDescent } from '../../lib';
import { Uniform } from '../support/arbitrary';
import { describeOnUsualDevices } from '../support/each-device';
import { bits, expectRejection } from '../support/expectations';

type Floats = Float32Array | Float64Array;

function values(dtype: Dtype, length: number, seed = 1): Floats {
  const uniform = new Uniform(seed);
  // One period of values that float32 holds, odd so that no row, share or slice begins alike.
  const some = Float32Array.from({ length: 10_007 }, () => uniform.next() - 0.5);
  const data = new (dtype === 'float32' ? Float32Array : Float64Array)(length);
  for (let at = 0; at < length; at += some.length) data.set(some.subarray(0, length - at), at);
  return data;
}

function flat(data: Floats, columns: number): { data: Floats; shape: [number, number] } {
  return { data, shape: [data.length / columns, columns] };
}

/** Calls back in the k-th turn of the event loop from now. */
function inTurn(k: number, callback: () => void): void {
  setImmediate(() => {
    if (k <= 1) callback();
    else inTurn(k - 1, callback);
  });
}

describeOnUsualDevices('rows in typed arrays', (target) => {
  describe.each(['float32', 'float64'] as const)('of %s', (from) => {
    // Several slices, shares and tiles, all with something left over; a row larger than any of them; a single value.
    it.each([
      [2_600_003, 1],
      [40_013, 65],
      [3, 900_001],
      [131_073, 2],
      [1, 1],
    ])('arrive as they are, in either dtype: %d×%d', async (m, n) => {
      const data = values(from, m * n, m);
      for (const to of target.dtypes) {
        const matrix = await target.device.matrix(flat(data, n), { dtype: to });
        const back = await matrix.native.read(0, m);
        matrix.dispose();
        expect(back.BYTES_PER_ELEMENT).toBe(to === 'float32' ? 4 : 8);
        expect(bits(back)).toBe(bits(to === 'float32' ? Float32Array.from(data) : Float64Array.from(data)));
      }
    });
  });

  it('arrive whole when several are uploaded at once, while the device computes', async () => {
    const { device } = target;
    const sources = [3, 64, 1000].map((n, k) => flat(values('float32', 2_000_000 - (2_000_000 % n), k), n));
    const descent = batchGradientDescent(flat(values('float32', 60_000), 20), new Float32Array(3000), {
      learningRate: 1e-3,
      iterations: 200,
      device,
    });
    const matrices = await Promise.all(sources.map(async (X) => await device.matrix(X)));
    for (const [k, matrix] of matrices.entries()) {
      expect(bits(await matrix.native.read(0, matrix.shape[0]))).toBe(bits(sources[k]?.data as Floats));
      matrix.dispose();
    }
    expect((await descent).iterations).toBe(200);
  });

  it('are refused for the first bad value, wherever others are', async () => {
    for (const n of [1, 2, 3, 8, 9]) {
      for (const m of [1, 2, 7, 12, 33]) {
        for (let row = 0; row < m; row += 1) {
          const data = new Float32Array(m * n).fill(0.5);
          data[row * n + n - 1] = Infinity;
          data[m * n - 1] = row === m - 1 ? Infinity : NaN;
          await expectRejection(target.device.matrix(flat(data, n)), {
            code: 'ERR_NOT_FINITE',
            option: 'X',
            row,
            column: n - 1,
            message: 'is Infinity',
          });
        }
      }
    }
    const [m, n] = [1_500_000, 3];
    const data = new Float32Array(m * n);
    for (const row of [m - 1, 1_200_000, 700_000, 65, 64]) {
      data[row * n + 1] = NaN;
      await expectRejection(target.device.matrix(flat(data, n)), {
        code: 'ERR_NOT_FINITE',
        row,
        column: 1,
        message: 'is NaN',
      });
    }
  });

  it('are known for the first label that a loss does not take', async () => {
    const m = 2_000_001;
    const X = await target.device.matrix(flat(new Float32Array(m).fill(1), 1));
    const common = { learningRate: 0.1, iterations: 1, device: target.device } as const;
    const y = new Float32Array(m).map((_, i) => i % 2);
    for (const row of [m - 1, 1_099_999, 63]) {
      y[row] = -2;
      for (const options of [
        { activation: 'sigmoid', loss: 'log' },
        { activation: 'exp', loss: 'poisson' },
      ] as const) {
        await expectRejection(batchGradientDescent(X, y, { ...common, ...options }), {
          code: 'ERR_INVALID_ARGUMENT',
          row,
          message: `y[${row}] is not allowed`,
        });
      }
    }
    X.dispose();
  });

  it('let the event loop turn on their way', async () => {
    const data = values('float32', 24_000_000);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns > 0) setImmediate(count);
    };
    setImmediate(count);
    const matrix = await target.device.matrix(flat(data, 64));
    const { sliceBytes } = matrix.native;
    expect(turns).toBeGreaterThanOrEqual(Math.ceil(data.byteLength / sliceBytes) - 1);
    turns = -1;
    matrix.dispose();
  });

  // Six slices or more, and no more than one a turn.
  it.each([1, 2, 3, 4])('are refused when their buffer is transferred in turn %d', async (turn) => {
    const data = new Float32Array(24_000_000);
    const upload = target.device.matrix(flat(data, 64));
    inTurn(turn, () => structuredClone(null, { transfer: [data.buffer] }));
    await expectRejection(upload, { code: 'ERR_INVALID_ARGUMENT', option: 'X', message: 'is detached' });
  });

  it('are refused when their buffer becomes smaller', async () => {
    const Resizable = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(length: number): void };
    const buffer = new Resizable(96_000_000, { maxByteLength: 96_000_000 });
    const upload = target.device.matrix(flat(new Float32Array(buffer, 0, 24_000_000), 64));
    inTurn(3, () => {
      buffer.resize(4096);
    });
    await expectRejection(upload, { code: 'ERR_INVALID_ARGUMENT', option: 'X', message: 'was resized' });
  });

  it('stop on their way for a signal, with its reason', async () => {
    const controller = new AbortController();
    const [X, y] = [flat(new Float32Array(24_000_000), 64), new Float32Array(375_000)];
    const reason = new Error('enough');
    const options = { learningRate: 1, iterations: 1e8, device: target.device, signal: controller.signal };
    const descent = batchGradientDescent(X, y, options);
    inTurn(3, () => {
      controller.abort(reason);
    });
    await expect(descent).rejects.toBe(reason);
  });

  it('arrive although the device is closed meanwhile, and are freed with it', async () => {
    const device = await target.open();
    const upload = device.matrix(flat(new Float32Array(24_000_000), 64));
    inTurn(3, () => void device.close());
    const matrix = await upload;
    expect(matrix.shape).toEqual([375_000, 64]);
    await device.close();
    await expectRejection(
      Promise.resolve().then(() => matrix.native),
      { code: 'ERR_DISPOSED', message: 'closed' },
    );
  });
});
