import { forked, programsOf } from '../support/forked';
import { library } from './examine';

async function opened(fault: string): Promise<unknown> {
  const { stdout, stderr } = await forked(programsOf(__dirname)('opened.cjs'), ['opencl:0'], {
    ...{ THALWEG_OPENCL_LIBRARY: library, FAKE_DRIVER_TARGET: 'gfx1034', FAKE_DRIVER_FAULT: fault },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a driver that loses what is copied to the device is found out when it is opened', async () => {
  expect(await opened('')).toEqual({ id: 'opencl:0' });
  // 64 KiB are small enough to arrive; of what is larger, zeros come back.
  expect(await opened('lost-writes')).toEqual({
    code: 'ERR_DEVICE_LOST',
    device: 'opencl:0',
    message: expect.stringMatching(
      /^gfx1034 \(opencl:0\) loses what is copied to it: of 65537 bytes written and read back, number 0 is 0, not \d+\. Update the driver/,
    ) as unknown,
  });
});
