import {
  checkObject,
  integer,
  invalid,
  notNegative,
  oneOf,
  positive,
  refuseUnknown,
} from '../base/arguments';

/** What every schedule takes. */
interface ScheduleBasics {
  /** The rate that it begins with, above 0; or 'auto', as for `learningRate` itself. */
  readonly initial: number | 'auto';
  /**
   * What t counts: steps, or epochs (passes over the rows). Default 'epoch', but 'step' for 'inverse-scaling'. An iteration
   * of a batch descent is both.
   */
  readonly per?: 'step' | 'epoch';
}

/**
 * A learning rate that changes from step to step, or from epoch to epoch: by t, which is 0 in the first one, and goes on in
 * a descent that is resumed.
 * - `inverse-scaling`: initial / (t + 1)^powerT, scikit-learn's
 * - `step`: initial·gamma^⌊t / stepSize⌋, PyTorch's StepLR
 * - `exponential`: initial·gammaᵗ, PyTorch's ExponentialLR
 * - `cosine`: etaMin + (initial − etaMin)·(1 + cos(π·(t − warmup) / tMax)) / 2, PyTorch's CosineAnnealingLR; before that,
 *   for `warmup` of t, initial·(startFactor + (1 − startFactor)·t / warmup), its LinearLR
 */
export type LearningRateSchedule = ScheduleBasics &
  (
    | {
        /** initial / (t + 1)^powerT */
        readonly schedule: 'inverse-scaling';
        /** 0 or more; default 0.25. */
        readonly powerT?: number;
      }
    | {
        /** A factor every so often. */
        readonly schedule: 'step';
        /** How much of t goes by between two factors, 1 or more. */
        readonly stepSize: number;
        /** The factor, above 0; default 0.1. */
        readonly gamma?: number;
      }
    | {
        /** A factor each time. */
        readonly schedule: 'exponential';
        /** The factor, above 0. */
        readonly gamma: number;
      }
    | {
        /** Half a wave, down to etaMin. */
        readonly schedule: 'cosine';
        /** How much of t the half wave takes, 1 or more; default what the warm-up leaves of the descent. It rises again after it. */
        readonly tMax?: number;
        /** 0 or more; default 0. */
        readonly etaMin?: number;
        /** How much of t the rate rises for first, 0 or more; default 0. */
        readonly warmup?: number;
        /** The share of `initial` that the warm-up begins with, above 0 to 1; default 1/3. */
        readonly startFactor?: number;
      }
  );

/** Names of the schedules. */
export type ScheduleName = LearningRateSchedule['schedule'];

/** @internal A schedule as the addon takes it, without its initial rate. */
export interface Schedule {
  readonly schedule: ScheduleName;
  readonly per: 'step' | 'epoch';
  readonly power?: number;
  readonly gamma?: number;
  readonly stepSize?: number;
  readonly least?: number;
  readonly period?: number;
  readonly warmUp?: number;
  readonly startFactor?: number;
}

/** What an option means for the addon once it is checked. */
type Read = (option: string, value: unknown) => Partial<Schedule>;

interface Constant {
  /** Where it is left out; without it, it has to be given. */
  readonly otherwise?: Partial<Schedule>;
  readonly read: Read;
}

interface Entry {
  readonly per: Schedule['per'];
  readonly constants: Readonly<Record<string, Constant>>;
}

/** t counts far. */
const count = (least: number) => (option: string, value: unknown) =>
  integer(option, value, least, Number.MAX_SAFE_INTEGER);

function share(option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  throw invalid(option, 'a number above 0, at most 1', value);
}

function reading(name: keyof Schedule, check: (option: string, value: unknown) => number): Read {
  return (option, value) => ({ [name]: check(option, value) });
}

// Each by the names of its options.
const schedules: Readonly<Record<ScheduleName, Entry>> = {
  'inverse-scaling': {
    per: 'step',
    constants: { powerT: { otherwise: { power: 0.25 }, read: reading('power', notNegative) } },
  },
  step: {
    per: 'epoch',
    constants: {
      stepSize: { read: reading('stepSize', count(1)) },
      gamma: { otherwise: { gamma: 0.1 }, read: reading('gamma', positive) },
    },
  },
  exponential: { per: 'epoch', constants: { gamma: { read: reading('gamma', positive) } } },
  cosine: {
    per: 'epoch',
    constants: {
      tMax: { otherwise: {}, read: reading('period', count(1)) },
      etaMin: { otherwise: { least: 0 }, read: reading('least', notNegative) },
      warmup: { otherwise: { warmUp: 0 }, read: reading('warmUp', count(0)) },
      startFactor: { otherwise: { startFactor: 1 / 3 }, read: reading('startFactor', share) },
    },
  },
};

/** @internal */
export const scheduleNames = Object.keys(schedules) as ScheduleName[];

/** @internal What a learning rate that is an object says. */
export interface Scheduled {
  readonly initial: unknown;
  readonly schedule: Schedule;
}

/**
 * @internal A schedule from its options, with those that are left out.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option
 */
export function checkSchedule(value: unknown): Scheduled {
  checkObject('learningRate', value);
  const given = value as Readonly<Record<string, unknown>>;
  const name = oneOf('learningRate.schedule', given['schedule'], scheduleNames);
  const { constants, per } = schedules[name];
  refuseUnknown(value, ['schedule', 'initial', 'per', ...Object.keys(constants)], `schedule '${name}'`);
  const read = Object.entries(constants).map(([option, { otherwise, read }]) =>
    given[option] === undefined && otherwise !== undefined
      ? otherwise
      : read(`learningRate.${option}`, given[option]),
  );
  const unit = given['per'] === undefined ? per : oneOf('learningRate.per', given['per'], ['step', 'epoch']);
  return {
    initial: given['initial'],
    schedule: Object.assign({ schedule: name, per: unit }, ...read) as Schedule,
  };
}
