import { forked } from '../support/forked';
import { emulators, program } from './emulator';

const { wave32, wave64 } = emulators();

interface Seen {
  readonly devices: { id: string; isa?: string; pci?: string; type: string }[];
  readonly opened: Record<string, string>;
  readonly hip?: string;
}

async function seen(environment: Record<string, string>): Promise<Seen> {
  const ending = await forked(program('devices.cjs'), [], environment);
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  return JSON.parse(ending.stdout) as Seen;
}

it('lists HIP devices after the CPU and before OpenCL, and takes them for auto and gpu', async () => {
  const { devices, opened, hip } = await seen({ THALWEG_HIP_LIBRARY: wave32, HIP_EMULATOR_DEVICES: '2' });
  expect(devices.map(({ id }) => id).slice(0, 3)).toEqual(['cpu', 'hip:0', 'hip:1']);
  expect(devices[1]).toMatchObject({ type: 'gpu', isa: 'gfx1030', pci: '0000:0a:00.0', driver: '6.2.0' });
  expect(devices[2]).toMatchObject({ pci: '0000:0b:00.0' });
  expect(opened).toMatchObject({ auto: 'hip:0', gpu: 'hip:0', hip: 'hip:0', 'hip:1': 'hip:1' });
  expect(opened['hip:2']).toBe('ERR_DEVICE_NOT_FOUND');
  expect(hip).toBe('6.2.0');
});

it('names the instruction set without its features, and reads properties as ROCm 5 lays them out', async () => {
  const { devices, hip } = await seen({ THALWEG_HIP_LIBRARY: wave64 });
  expect(devices[1]).toMatchObject({ id: 'hip:0', isa: 'gfx90a', memoryBytes: 2 ** 32, computeUnits: 4 });
  expect(hip).toBe('5.2.0');
});

it.each([
  ['no runtime', { THALWEG_HIP_LIBRARY: '/nonexistent/libamdhip64.so' }, 'ERR_DRIVER_MISSING'],
  [
    'a runtime without a GPU',
    { THALWEG_HIP_LIBRARY: wave32, HIP_EMULATOR_DEVICES: '0' },
    'ERR_DEVICE_NOT_FOUND',
  ],
  ['another library', { THALWEG_HIP_LIBRARY: 'libm.so.6' }, 'ERR_DRIVER_MISSING'],
])('lists no HIP device with %s, and says so to who asks for one', async (_what, environment, code) => {
  const { devices, opened } = await seen(environment);
  expect(devices.filter(({ id }) => id.startsWith('hip'))).toEqual([]);
  expect(opened).toMatchObject({ auto: 'cpu', hip: code, 'hip:1': code });
});
