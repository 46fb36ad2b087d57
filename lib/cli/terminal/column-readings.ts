import { InvalidArgumentError } from 'commander';
import { type Asked, type NumberHint, numberHints } from '../../tables/columns/candidates';
import { type DateForm, dateOrders } from '../../tables/columns/form';
import { assignments } from './assignments';

/** A column, or with no name every one that it fits, and how it reads. */
export interface ColumnReading {
  readonly name: string | undefined;
  readonly asked: Asked;
}

/** `--numbers A,B=decimal-comma`: columns and how they read; `*=decimal-comma` is of all that it fits. */
export function numberReadings(text: string): ColumnReading[] {
  return readings(text, numberHints, (hint) => ({ as: 'numbers', hint: hint as NumberHint | undefined }));
}

/** `--dates A=day-first`, likewise. */
export function dateReadings(text: string): ColumnReading[] {
  return readings(text, dateOrders, (hint) => ({
    as: 'dates',
    hint: hint as DateForm['order'] | undefined,
  }));
}

function readings(
  text: string,
  hints: readonly string[],
  asked: (hint: string | undefined) => Asked,
): ColumnReading[] {
  return assignments(text).map(({ name: before, value }) => {
    const isHint = value !== undefined && hints.includes(value);
    const name = isHint || value === undefined ? before : `${before}=${value}`;
    if (name === '' || (name === '*' && !isHint)) {
      throw new InvalidArgumentError(
        `It must be names of columns with commas between them, each with how it reads where that is not clear: A=${hints[0] ?? ''}. Readings: ${hints.join(', ')}.`,
      );
    }
    return { name: name === '*' ? undefined : name, asked: asked(isHint ? value : undefined) };
  });
}
