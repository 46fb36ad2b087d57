import type { DeviceInfo } from '../addon/device-info';
import { type Finding, ok, warning } from './finding';

/** Less than this leaves little room beside what a desktop takes. */
const SMALL_BYTES = 2 ** 30;

/** The memory of each device, and GPUs that have little. */
export function memoryFindings(devices: readonly DeviceInfo[]): Finding[] {
  const sizes = devices.map(({ id, memoryBytes }) => `${id} ${gibibytes(memoryBytes)}`).join(', ');
  const small = devices.filter(({ type, memoryBytes }) => type === 'gpu' && memoryBytes < SMALL_BYTES);
  return [
    ok('MEMORY_READY', `Memory: ${sizes}.`),
    ...small.map(({ id, memoryBytes }) =>
      warning(
        'MEMORY_SMALL',
        `${id} has ${gibibytes(memoryBytes)}: larger data gives ERR_OUT_OF_MEMORY there.`,
        "A processor's GPU: give it more memory in the firmware's settings (UMA frame buffer).",
        "Pass dtype: 'float32', which halves what X takes.",
      ),
    ),
  ];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
