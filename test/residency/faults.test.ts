import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Device,
  type Matrix,
  batchGradientDescent,
  miniBatchGradientDescent,
  openDevice,
  stochasticGradientDescent,
} from '../../lib';
import { withEnvironment } from '../support/each-device';
import { expectRejection } from '../support/expectations';

const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-residency-'));
const spool = path.join(folder, 'spool');
const environment = { THALWEG_SPOOL: spool, THALWEG_SPOOL_MEMORY: '0' };
const [m, n] = [20_000, 33];
const X = { data: new Float32Array(m * n).map((_, at) => Math.sin(at)), shape: [m, n] as const };
const y = new Float32Array(m);
const options = { learningRate: 1e-6, iterations: 3, plan: 'fused' } as const;
const program = path.join(__dirname, 'programs', 'fit.cjs');

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(async () => {
  await device.close();
  rmSync(folder, { recursive: true });
});

async function spooled(): Promise<Matrix> {
  return await withEnvironment(environment, async () => device.matrix(X, { residency: 'disk' }));
}

/** The file without a name, by a path that opens it. */
function openFiles(pid = 'self'): string[] {
  const descriptors = path.join('/proc', pid, 'fd');
  const leads = (name: string): boolean => {
    try {
      return readlinkSync(path.join(descriptors, name)).startsWith(`${spool}/`);
    } catch {
      return false; // That of the listing itself is closed by now.
    }
  };
  return readdirSync(descriptors)
    .filter(leads)
    .map((name) => path.join(descriptors, name));
}

function theFile(): string {
  const [file, ...others] = openFiles();
  expect(others).toEqual([]);
  return file as string;
}

/** Changes one bit. */
function flip(file: string, at: number): void {
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ 4;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
}

describe('rows in a file', () => {
  it('have a file without a name, which ends with the matrix', async () => {
    const matrix = await spooled();
    expect(readdirSync(spool)).toEqual([]);
    expect(statSync(theFile()).size).toBeGreaterThanOrEqual(m * n * 4);
    matrix.dispose();
    await device.matrix([[1]]); // after it
    expect(openFiles()).toEqual([]);
  });

  it.each([0, 1_000_000, m * n * 4 - 1])(
    'that are changed at byte %d are told of, and never learned from',
    async (at) => {
      using matrix = await spooled();
      await batchGradientDescent(matrix, y, options);
      // Rooms of pieces are whole pages: no byte of rows lies before its place in X.
      flip(theFile(), at);
      for (let time = 0; time < 2; time += 1) {
        await expectRejection(batchGradientDescent(matrix, y, options), {
          code: 'ERR_FILE',
          message: /not what was written/,
          path: spool,
        });
      }
    },
  );

  it.each([0, m * n * 4 - 1])(
    'that are changed at byte %d are told of by steps over windows, which are read beside them',
    async (at) => {
      using matrix = await spooled();
      const steps = { learningRate: 1e-6, epochs: 3, seed: 5 };
      const { theta } = await stochasticGradientDescent(matrix, y, steps);
      flip(theFile(), at);
      const told = { code: 'ERR_FILE', message: /not what was written/, path: spool } as const;
      await expectRejection(stochasticGradientDescent(matrix, y, steps), told);
      await expectRejection(miniBatchGradientDescent(matrix, y, { ...steps, batchSize: 32 }), told);
      flip(theFile(), at);
      expect((await stochasticGradientDescent(matrix, y, steps)).theta).toEqual(theta);
    },
  );

  it('that are cut short are told of', async () => {
    using matrix = await spooled();
    truncateSync(theFile(), 1_500_000);
    await expectRejection(batchGradientDescent(matrix, y, options), {
      code: 'ERR_FILE',
      message: /cut short/,
      path: spool,
    });
    await expectRejection(matrix.read(m - 1, 1), { code: 'ERR_FILE', message: /cut short/, path: spool });
    await expect(matrix.read(0, 1)).resolves.toEqual(X.data.slice(0, n));
  });

  it('need a folder that can be made', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const inFile = withEnvironment({ ...environment, THALWEG_SPOOL: path.join(file, 'spool') }, async () =>
      batchGradientDescent(X, y, { ...options, device, residency: 'disk' }),
    );
    await expectRejection(inFile, {
      code: 'ERR_FILE',
      message: /cannot be made.*THALWEG_SPOOL/,
      path: path.join(file, 'spool'),
    });
  });

  it.each(['-1', 'much', '1.5', '1e400'])(
    'need a count of bytes in memory that is none: %s',
    async (bytes) => {
      const fit = withEnvironment({ ...environment, THALWEG_SPOOL_MEMORY: bytes }, async () =>
        batchGradientDescent(X, y, { ...options, device, residency: 'disk' }),
      );
      await expectRejection(fit, { code: 'ERR_INVALID_ARGUMENT', message: /THALWEG_SPOOL_MEMORY/ });
    },
  );

  it('that find no room say how much they need, and leave nothing', async () => {
    const limited = ['--fsize=1000000', process.execPath, program];
    const child = spawn('prlimit', limited, { env: { ...process.env, ...environment } });
    const [text] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    await once(child, 'close');
    expect(JSON.parse(text)).toEqual({
      code: 'ERR_FILE',
      message: expect.stringMatching(/no room for \d+ MiB.*THALWEG_SPOOL/) as string,
      path: spool,
    });
    expect(readdirSync(spool)).toEqual([]);
  });

  it('are gone with a process that is killed', async () => {
    const child = spawn(process.execPath, [program], { env: { ...process.env, ...environment } });
    await once(child.stdout, 'data');
    expect(openFiles(String(child.pid))).toHaveLength(1);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(readdirSync(spool)).toEqual([]);
  });

  it('end with a signal in the middle of a pass', async () => {
    using matrix = await spooled();
    const controller = new AbortController();
    const fit = batchGradientDescent(matrix, y, {
      ...{ ...options, iterations: 1e7, signal: controller.signal },
      onProgress: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(fit).rejects.toThrow('enough');
    const { iterations } = await batchGradientDescent(matrix, y, options);
    expect(iterations).toBe(3);
  });

  it('end with a signal between windows, of which the next is being read', async () => {
    using matrix = await spooled();
    const steps = { learningRate: 1e-6, epochs: 1, seed: 5 };
    const { theta } = await stochasticGradientDescent(matrix, y, steps);
    for (let turn = 0; turn < 20; turn += 1) {
      const controller = new AbortController();
      const fit = stochasticGradientDescent(matrix, y, { ...steps, epochs: 1e6, signal: controller.signal });
      setTimeout(() => {
        controller.abort(new Error('enough'));
      }, turn);
      await expect(fit).rejects.toThrow('enough');
    }
    expect((await stochasticGradientDescent(matrix, y, steps)).theta).toEqual(theta);
  });
});
