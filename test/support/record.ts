import { appendFileSync } from 'node:fs';

/** Names the file that errors are recorded in, a JSON object a line; test/support/device-reporter.cjs reads it. */
export const recordVariable = 'THALWEG_TEST_RECORD';

/** Records how far a device's θ was from the reference, ‖Δθ‖/‖θ‖. */
export function recordError(device: string, dtype: string, place: string, relativeError: number): void {
  const file = process.env[recordVariable];
  if (file !== undefined)
    appendFileSync(file, `${JSON.stringify({ device, dtype, place, relativeError })}\n`);
}
