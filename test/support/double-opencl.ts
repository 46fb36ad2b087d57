import { devices } from '../../lib';

/** The first OpenCL device that has float64; undefined where the run was told that there is none, and otherwise a failure. */
export async function doubleOpenCL(): Promise<string | undefined> {
  const [device] = (await devices()).filter(({ backend, float64 }) => backend === 'opencl' && float64);
  const known = device === undefined && process.env['THALWEG_TEST_OPENCL'] === 'absent';
  expect({ known, id: device?.id ?? 'none' }).not.toEqual({ known: false, id: 'none' });
  return device?.id;
}
