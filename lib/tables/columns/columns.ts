import { distance } from 'fastest-levenshtein';
import { ThalwegError } from '../../base/errors';
import { isNumber } from '../files/dialect';
import type { Source, SourceColumn } from '../files/source';

/**
 * The column of that name.
 *
 * @throws ThalwegError `ERR_COLUMN` with the nearest name where there is none, or where two columns have it.
 */
export function column(source: Source, name: string): SourceColumn {
  const [found, second] = source.columnsNamed.get(name) ?? [];
  if (found === undefined) {
    throw new ThalwegError(
      'ERR_COLUMN',
      `${source.name} has no column "${name}". ${hint(source, name)}${skipInstead(source)}`,
      {
        path: source.path,
        column: name,
      },
    );
  }
  if (second !== undefined) {
    const instead = isNumber(name)
      ? 'Put a line of names above the data, or rename one if these are names.'
      : 'Rename one.';
    throw new ThalwegError('ERR_COLUMN', `${source.name} has two columns "${name}". ${instead}`, {
      path: source.path,
      column: name,
    });
  }
  return found;
}

const skipInstead = ({ aboutNames }: Source): string => (aboutNames === undefined ? '' : ` ${aboutNames}`);

const SHOWN = 12;

function hint(source: Source, name: string): string {
  const names = source.columns.map((candidate) => candidate.name);
  const near = nearest(name, names);
  if (near !== undefined) {
    return `Did you mean "${near}"?`;
  }
  return `Its columns: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ', …' : ''}.`;
}

/** The nearest of `names`, where one is near enough to be what was meant. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const scored = names.map((candidate) => ({
    candidate,
    edits: edits(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = scored.sort((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits < name.length && best.edits <= Math.max(1, name.length / 3)
    ? best.candidate
    : undefined;
}

/** Letters to change, add or leave out, where two that changed places are one. */
function edits(name: string, meant: string): number {
  const swapped = Array.from({ length: Math.max(0, name.length - 1) }, (_, at) => {
    return name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2);
  });
  return Math.min(distance(name, meant), ...swapped.map((other) => 1 + distance(other, meant)));
}
