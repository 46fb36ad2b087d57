import type { ErrorCode } from '../../lib';
import { type EndingInLines, forkedWithFaults, program } from './with-faults';

type Counts = Readonly<Record<string, number>>;

/** What walk.cjs says of one failure. */
export interface Outcome {
  readonly stage: string;
  readonly called: string;
  readonly nth: number;
  /** What follows the call's number in the fault. */
  readonly variant: string;
  /** How many calls were made to fail. */
  readonly failed: number;
  readonly failure?: { name: string; code: ErrorCode; message: string; device?: string; log?: string };
  /** The stage ended as without a fault. */
  readonly right: boolean;
  /** The device was closed by then. */
  readonly over: boolean;
  /** Objects alive before and after. */
  readonly held: Counts;
  readonly live: Counts;
  /** The stage ran again on the same device, and on a new one, as without a fault. */
  readonly works?: boolean;
  readonly worksAnew?: boolean;
  /** What `devices()` listed. */
  readonly devices?: readonly string[];
}

const lost: ErrorCode = 'ERR_DEVICE_LOST';
const full: ErrorCode = 'ERR_OUT_OF_MEMORY';
const refused: ErrorCode = 'ERR_KERNEL_BUILD';

/** The codes that a failure has to end in, by variant; 'none' where nobody needs to hear of it. */
export type Codes = Readonly<Record<string, ErrorCode | 'none' | 'not there'>>;

const used: Codes = { '': lost, '=-6': full, '+': lost };
const transfers: Codes = { '': lost, '=-4': full, '+': lost };
const released: Codes = { '': 'none', '+': 'none' };
const asked: Codes = { '': 'not there', '+': 'not there' };

type Group = Readonly<Record<string, Codes>>;

/** Called only where compiled kernels are kept on disk; where that fails, they are compiled the next time. */
const caching: Group = {
  clCreateProgramWithBinary: { '': 'none', '=-6': full, '+': lost },
  clGetProgramInfo: { '': 'none' },
};

/** Every function that thalweg loads; those of one group fail in one process. */
export const groups: readonly Group[] = [
  {
    clCreateBuffer: { '': full, '=-5': full, '+': lost },
    clEnqueueFillBuffer: { '': full, '=-5': full, '=-36': lost, '+': lost },
    clEnqueueWriteBuffer: transfers,
    clEnqueueReadBuffer: transfers,
    clFinish: transfers,
  },
  {
    clCreateProgramWithSource: { '': full, '+': lost },
    clBuildProgram: { '': refused, '=-6': full, '+': lost },
    clGetProgramBuildInfo: { '': refused },
    clCreateKernel: { '': refused, '=-6': full, '+': lost },
  },
  {
    clSetKernelArg: used,
    clEnqueueNDRangeKernel: transfers,
    clEnqueueMarkerWithWaitList: used,
    clWaitForEvents: used,
    clFlush: used,
  },
  {
    clCreateContext: used,
    clCreateCommandQueue: used,
    clReleaseContext: released,
    clReleaseCommandQueue: released,
    clReleaseMemObject: released,
    clReleaseProgram: released,
    clReleaseKernel: released,
    clReleaseEvent: released,
    clGetPlatformIDs: asked,
    clGetPlatformInfo: asked,
    clGetDeviceIDs: asked,
    clGetDeviceInfo: asked,
  },
  caching,
];

/** Objects by name, without those that there are none of. */
function some(counts: Counts, left: readonly string[] = []): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([name, n]) => n > 0 && !left.includes(name)));
}

const neverCalled = 'was not called so often';

/** What is said of one outcome, in the form in which it is compared with what should be. */
export interface Verdict {
  readonly place: string;
  readonly code: string;
  readonly named: boolean;
  readonly right: boolean;
  readonly left: Counts;
  readonly works: boolean;
}

function placeOf({ stage, called, nth, variant }: Outcome): string {
  return `${called}:${nth}${variant} in ${stage}`;
}

/** A lost device says at which later call it was noticed; the compiler's own log is what it says. */
function isNamed({ called, variant, failure }: Outcome): boolean {
  if (failure === undefined) return true;
  const { name, device, message, log } = failure;
  if (name !== 'ThalwegError' || device !== 'opencl:0') return false;
  // It may be memory, or a kernel that failed before.
  if (
    failure.code === full &&
    variant === '=-5' &&
    !/has no (room|memory).*after a kernel has failed/.test(message)
  )
    return false;
  if (failure.code === lost && variant === '+') return message.includes('CL_DEVICE_NOT_AVAILABLE');
  if (called === 'clBuildProgram' && failure.code === refused) return log === 'this build was made to fail';
  if (failure.code === refused) return /CL_BUILD_PROGRAM_FAILURE|clCreateKernel/.test(message);
  return failure.code === lost || failure.code === full ? message.includes(called) : true;
}

/** A new program or kernel of the device is kept for its next use. */
const kept = ['program', 'kernel'];

export function verdictOf(outcome: Outcome): Verdict {
  const { failure, over, right, held, live, works = true, worksAnew = true } = outcome;
  const isOpening = outcome.stage === 'opening';
  const keeps = over || isOpening ? [] : kept;
  const before = over || (isOpening && failure !== undefined) ? {} : some(held, keeps);
  const opened: Counts = isOpening && failure === undefined ? { context: 1, queue: 1 } : before;
  const now = some(live, keeps);
  return {
    place: placeOf(outcome),
    code: outcome.failed === 0 ? neverCalled : (failure?.code ?? 'none'),
    named: isNamed(outcome),
    right,
    left: JSON.stringify(now) === JSON.stringify(opened) ? {} : now,
    works: works && worksAnew,
  };
}

function expectedCode(outcome: Outcome, codes: Codes, actual: string): string {
  const { called, variant, stage, devices } = outcome;
  const code = codes[variant] ?? 'unknown';
  // How often a descent waits for the device depends on how fast it is.
  if (outcome.failed === 0 && outcome.nth > 1) return neverCalled;
  if (code !== 'not there' && !(code === 'none' && variant === '+')) return code;
  // A device that is lost after a release is noticed by what follows it, if anything does.
  if (called.startsWith('clRelease')) return actual === lost ? lost : 'none';
  if (stage === 'listing') return devices?.includes('opencl:0') === true ? 'not listed' : 'none';
  return actual === 'ERR_DRIVER_MISSING' ? actual : 'ERR_DEVICE_NOT_FOUND';
}

/** What should have been said of it. */
export function rightVerdict(outcome: Outcome, codes: Codes): Verdict {
  const actual = outcome.failure?.code ?? 'none';
  const code = expectedCode(outcome, codes, actual);
  return {
    place: placeOf(outcome),
    code,
    named: true,
    right: code === 'none' || code === neverCalled,
    left: {},
    works: true,
  };
}

/** Walks a group of functions in a process of its own. */
export async function walk(group: Group): Promise<EndingInLines> {
  const variants = Object.entries(group).map(([called, codes]) => [called, Object.keys(codes)] as const);
  const cache = group === caching ? {} : { THALWEG_CACHE: 'off' };
  return await forkedWithFaults(program('walk.cjs'), [JSON.stringify(Object.fromEntries(variants))], cache);
}
