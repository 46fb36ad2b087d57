import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultsLibrary } from '../faults/with-faults';
import { emulators } from '../hip/emulator';
import { describeWithOpenclFaults } from '../support/each-device';
import { type Ending, forked, programsOf } from '../support/forked';

/** How each program of hung.cjs is to end, and what it says once its device hangs. */
const ways: Readonly<Record<string, { code: number; said: readonly string[] }>> = {
  'process.exit': { code: 3, said: [] },
  'an uncaught exception': { code: 1, said: [] },
  'by itself after an abort': { code: 0, said: ['enough', 'ERR_DEVICE_LOST', 'ERR_DISPOSED', '2.000000'] },
  'a worker terminated': { code: 4, said: ['2.000000'] },
};
const names = Object.keys(ways);

/** `environment` makes a call of the device's driver hang, and `file` when it does. */
function endsInEveryWay(
  device: string,
  calls: readonly string[],
  environment: (call: string, file: string) => Record<string, string>,
): void {
  describe.each(calls)('%s', (call) => {
    const endings = new Map<string, Ending>();
    const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-hung-'));

    beforeAll(async () => {
      // At once, since all they do is wait.
      const end = async (way: string): Promise<void> => {
        const file = path.join(folder, way);
        endings.set(
          way,
          await forked(programsOf(__dirname)('hung.cjs'), [way, device, file], environment(call, file)),
        );
      };
      await Promise.all(names.map(end));
    }, 120_000);
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(names)('does not keep the process: %s', (way) => {
      const { code = 0, said = [] } = ways[way] ?? {};
      const ending = endings.get(way);
      expect(ending).toMatchObject({ code, signal: null, stdout: ['hung', ...said, ''].join('\n') });
      const notes = ending?.stderr.split('\n').filter((line) => line.startsWith('thalweg: ')) ?? [];
      expect(notes).toEqual([expect.stringContaining(`${device} has not answered for 10 seconds`)]);
    });
  });
}

describe('a HIP device that hangs', () => {
  endsInEveryWay('hip:0', ['hipStreamSynchronize:12', 'hipMalloc:2'], (call, file) => ({
    THALWEG_HIP_LIBRARY: emulators().wave32,
    HIP_EMULATOR_FAIL: `${call}!`,
    HIP_EMULATOR_HUNG: file,
  }));
});

describeWithOpenclFaults('an OpenCL device that hangs', () => {
  endsInEveryWay('opencl:0', ['clFinish:2', 'clWaitForEvents:1'], (call, file) => {
    const { THALWEG_OPENCL_LIBRARY: real } = process.env;
    return {
      ...(real === undefined ? {} : { OPENCL_FAULTS_LIBRARY: real }),
      THALWEG_OPENCL_LIBRARY: faultsLibrary(),
      OPENCL_FAULTS: `${call}!`,
      OPENCL_FAULTS_HUNG: file,
    };
  });
});
