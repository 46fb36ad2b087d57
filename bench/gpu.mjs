/**
 * Passes and steps of one device, at the sizes where a large GPU tells: `node bench/gpu.mjs --device opencl:0 [OPTIONS]`.
 * Against the device's own read of the same bytes, and where PyTorch has a GPU, against its two products and torch.compile,
 * all in the same turns. Prints the record as JSON, of the form that bench/results/ has.
 *
 *   --dtype float32      or float64                 --python PROGRAM
 *   --mebibytes 256      cases of larger X are left out
 *   --rounds 5           turns of each              --seconds 0.2    a turn
 */
import { findProgram, readArguments } from '../scripts/tools.mjs';
import { gpuCases } from './cases.mjs';
import { runCases } from './harness/run.mjs';

const { values: options } = readArguments({
  options: {
    device: { type: 'string', default: 'gpu' },
    dtype: { type: 'string', default: 'float32' },
    mebibytes: { type: 'string', default: '256' },
    python: { type: 'string', default: findProgram('python3') ?? 'python3' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.2' },
  },
});

// A case is what it says, or left out.
const mebibytes = Number(options.mebibytes);
const record = await runCases(
  gpuCases.filter((one) => one.mebibytes <= mebibytes),
  {
    dtype: options.dtype,
    device: options.device,
    mebibytes,
    python: options.python,
    rounds: Number(options.rounds),
    secondsPerTurn: Number(options.seconds),
    print: (text) => process.stderr.write(`${text}\n`),
  },
);
console.log(JSON.stringify(record));
if (Object.keys(record.failed).length > 0) process.exitCode = 1;
