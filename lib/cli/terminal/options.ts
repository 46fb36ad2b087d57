import { InvalidArgumentError, Option } from 'commander';
import { firstRecord } from '../../tables/files/delimited';
import { ThalwegError } from '../../base/errors';
import { type LearningRateSchedule, checkSchedule } from '../../method/schedules';
import { checkHsaOverride } from '../../drivers/hsa-override';
import type { DeviceOptions, HsaOverride } from '../../drivers/device-options';

type Parser<T> = (text: string) => T;

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** How many passes a descent may take. */
export const passes = integer(1, 100_000_000);

/** Rows of a mini-batch. */
export const batchSize = integer(1, 2 ** 32 - 1);

/** Into which rows are put. */
export const folds = integer(2, 2 ** 32 - 1);

/** Validations without a lower loss. */
export const patience = integer(0, 100_000_000);

/** A seed, as numpy.random.seed takes it. */
export const seed = integer(0, 2 ** 32 - 1);

/** A finite number of at least 0. */
export const notNegative: Parser<number> = (text) => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('It must be a number of at least 0.');
  }
  return value;
};

/** Numbers of at least 0 between commas. */
export const penalties: Parser<number[]> = (text) => text.split(',').map(notNegative);

/** A finite number above 0. */
export const positive: Parser<number> = (text) => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

/** Counts of columns between commas. */
export const columnCounts: Parser<number[]> = (text) => text.split(',').map(integer(1, 1 << 20));

/** An option that may be given more than once. */
export const repeated = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** `auto`, or a finite number above 0. */
export const learningRate: Parser<'auto' | number> = (text) => {
  if (text === 'auto') {
    return text;
  }
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be auto or a number above 0.');
  }
  return value;
};

/** A schedule by name, with constants after commas: `step,stepSize=10`. */
export const schedule: Parser<Omit<LearningRateSchedule, 'initial'>> = (text) => {
  const [name, ...constants] = text.split(',');
  const given = constants.map((constant) => {
    const [key = '', value = ''] = constant.split('=');
    return [key, value.trim() === '' || key === 'per' ? value : Number(value)];
  });
  const asked = { ...Object.fromEntries(given), schedule: name } as Omit<LearningRateSchedule, 'initial'>;
  try {
    checkSchedule({ ...asked, initial: 'auto' });
    return asked;
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error;
    throw new InvalidArgumentError(`${error.message.replaceAll('learningRate.', '')}.`);
  }
};

/** The share of the rows to hold out: at least 0, below 1. */
export const fraction: Parser<number> = (text) => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1)) {
    throw new InvalidArgumentError('It must be at least 0 and below 1, such as 0.2.');
  }
  return value;
};

/** A share of the rows: above 0, below 1. */
export const share: Parser<number> = (text) => {
  const value = fraction(text);
  if (value === 0) throw new InvalidArgumentError('It must be above 0 and below 1, such as 0.1.');
  return value;
};

/** A probability: from 0 to 1. */
export const probability: Parser<number> = (text) => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be from 0 to 1, such as 0.5.');
  return value;
};

/** Names between commas; a name with a comma in it stands in double quotes. */
export const names: Parser<string[]> = (text) => {
  const { fields } = firstRecord(text, ',');
  const found = fields.map((field) => field.trim());
  if (found.some((name) => name === '')) {
    throw new InvalidArgumentError('It must be names of columns with commas between them.');
  }
  return found;
};

/** Words between commas, none where there is nothing; one with a comma in it stands in double quotes. */
export const words: Parser<string[]> = (text) =>
  firstRecord(text, ',')
    .fields.map((field) => field.trim())
    .filter((word) => word !== '');

const hsaOverride: Parser<HsaOverride> = (text) => {
  try {
    return checkHsaOverride(text);
  } catch {
    throw new InvalidArgumentError('It must be auto, or a version such as 10.3.0 (gfx1030).');
  }
};

/** What AMD's runtime takes the GPU for; of the commands that open a device. */
export function hsaOverrideOption(): Option {
  return new Option(
    '--hsa-override [version]',
    'have the AMD driver take the GPU for another: auto, or 10.3.0',
  )
    .argParser(hsaOverride)
    .preset('auto');
}

/** The options of `openDevice` among those of a command. */
export function deviceOptions({ hsaOverride: override }: { hsaOverride?: HsaOverride }): DeviceOptions {
  return override === undefined ? {} : { hsaOverride: override };
}

/** `maxLevels` as the command line has it: `max-levels`. */
export function optionNamed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
