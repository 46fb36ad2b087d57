import { described, wordsTaken } from '../columns/described';
import { type Doubt, digitsLost } from '../columns/leaving-out';
import { areCompactDates, lostDigits, outlying } from '../columns/closer';
import { type Profile, readOf } from '../columns/profile';
import { option } from '../columns/refusals';
import type { Source } from '../files/source';
import type { ColumnNote } from '../notes';

type Short = Omit<ColumnNote, 'column' | 'text'>;

function noteOf({ column: { name } }: Profile, short: Short, text = `${name}: ${short.short}`): ColumnNote {
  return { ...short, column: name, text };
}

/** How a column that is learned from was read. */
export async function columnNotes(source: Source, found: Profile): Promise<ColumnNote[]> {
  const { form, kind, taken, zeros, counts, column, period } = found;
  const notes: ColumnNote[] = [];
  if (form !== undefined) notes.push(noteOf(found, { code: 'READ_AS', short: described(form, column) }));
  if (taken.size > 0) {
    const instead = kind === 'category' ? '--categories keeps them as levels' : '--null names other words';
    notes.push(noteOf(found, { code: 'MISSING_WORDS', ...wordsTaken(taken), instead }));
  }
  if (zeros > 0) {
    const short =
      kind === 'category' ? 'codes with leading zeros, as categories' : 'numbers without their leading zeros';
    const instead = `--${kind === 'category' ? 'numbers' : 'categories'} decides otherwise`;
    notes.push(noteOf(found, { code: 'LEADING_ZEROS', short, count: zeros, instead }));
  }
  if (period !== undefined)
    notes.push(
      noteOf(found, {
        code: 'PERIODS',
        short: `times such as ${period}, a category each`,
        instead: 'as the dates of their first days they are numbers, in their order',
      }),
    );
  if (kind !== 'number') return notes;
  const odd = await outlying(source, readOf(found), counts);
  if (odd !== undefined) {
    const { value, count, least, greatest } = odd;
    const short = `${value} in ${count} row${count === 1 ? '' : 's'}, far from the others (${least} to ${greatest})`;
    notes.push(
      noteOf(found, { code: 'OUTLYING_VALUE', short, count, instead: `--null=${value} takes it for that` }),
    );
  }
  if (form === undefined && (await areCompactDates(source, readOf(found), counts)))
    notes.push(
      noteOf(found, {
        code: 'COMPACT_DATES',
        short: 'numbers that all read as dates',
        instead: `--dates ${option(column)}=compact takes them for days`,
      }),
    );
  return notes;
}

const INSTEAD: Readonly<Record<Doubt['code'], string | undefined>> = {
  LEFT_OUT: '--features takes them',
  LEVEL_A_ROW: undefined,
  ROW_COUNTER: '--exclude leaves them out',
  DIGITS_LOST: '--categories keeps them as names',
};

/** What is odd about a column. */
export function doubtNote(found: Profile, { code, why, count }: Doubt): ColumnNote {
  return noteOf(found, { code, short: why, ...(count !== undefined && { count }), instead: INSTEAD[code] });
}

/** How a target was read: each reading in a line of its own, since it is what is learned. */
export async function targetNotes(source: Source, found: Profile): Promise<ColumnNote[]> {
  const { column, taken, counts, kind } = found;
  const { name } = column;
  const notes = (await columnNotes(source, found)).filter(({ code }) => code !== 'MISSING_WORDS');
  if (taken.size > 0) {
    const { short, count } = wordsTaken(taken);
    const instead =
      kind === 'category'
        ? `--categories ${option(column)} keeps them as levels`
        : '--null names other words';
    const text = `the target ${name}: ${short} taken as missing, and ${count === 1 ? 'that row' : `those ${count} rows`} left out; ${instead}`;
    notes.push(noteOf(found, { code: 'TARGET_MISSING', short, count }, text));
  }
  if (kind === 'number' && Math.max(Math.abs(counts.least), Math.abs(counts.greatest)) >= 2 ** 53) {
    const { lost, example } = await lostDigits(source, readOf(found));
    if (lost > 0) notes.push(noteOf(found, { code: 'DIGITS_LOST', short: digitsLost(example), count: lost }));
  }
  return notes;
}
