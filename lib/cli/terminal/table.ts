import stringWidth from 'string-width';
import { lazily } from '../../base/lazily';
import { visible } from '../../base/visible';
import { colors } from './format';

const gap = '  ';

/** What is left at least of a name that is cut. */
const leastName = 10;

/** The places of a terminal; undefined where lines may be as long as they are. */
function places(): number | undefined {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : undefined;
}

/**
 * Lines of cells as aligned columns; the columns named in `right` end at the same place. On a terminal that is too narrow names in
 * the first column are cut, and then the other columns are in tables one below the other, each with the first.
 */
export function table(
  titles: readonly string[],
  contents: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const rows = [titles, ...contents].map((row) => titles.map((_, index) => visible(row[index] ?? '')));
  const widths = titles.map((_, index) => Math.max(...rows.map((row) => stringWidth(row[index] ?? ''))));
  const columns = titles.map((_, index) => ({
    index,
    width: widths[index] ?? 0,
    isRight: right.includes(index),
  }));
  return parts(columns, places()).flatMap((part, at) => {
    const [head = '', ...lines] = rows.map((row) => `${gap}${lineOf(row, part)}`);
    return [...(at === 0 ? [] : ['']), colors.dim(head), ...lines];
  });
}

interface Column {
  readonly index: number;
  readonly width: number;
  readonly isRight: boolean;
}

/** The columns of each table. */
function parts(columns: readonly Column[], most = Infinity): Column[][] {
  const [first, ...others] = columns;
  const room = most - gap.length;
  const whole = widthOf(columns);
  if (first === undefined || whole <= room) return [[...columns]];
  // Names are cut so that all fit, or else, where they are in several tables, to half of the line.
  const all = room - (whole - first.width);
  const widest = Math.max(0, ...others.map(({ width }) => width));
  const beside = Math.min(Math.floor(room / 2), room - gap.length - widest);
  const place = all >= leastName ? all : Math.max(leastName, beside);
  const names = { ...first, width: Math.min(first.width, place) };
  const found: Column[][] = [];
  for (const column of others) {
    const last = found.at(-1);
    if (last !== undefined && widthOf([...last, column]) <= room) last.push(column);
    else found.push([names, column]);
  }
  return found.length === 0 ? [[names]] : found;
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width, gap.length * (columns.length - 1));
}

function lineOf(row: readonly string[], columns: readonly Column[]): string {
  const cells = columns.map(({ index, width, isRight }) => {
    const text = cut(row[index] ?? '', width);
    const space = ' '.repeat(width - stringWidth(text));
    return isRight ? space + text : text + space;
  });
  return cells.join(gap).trimEnd();
}

/** Made where a text is cut: it loads tables of Unicode. */
const graphemes = lazily(() => new Intl.Segmenter());

/** As much of a text as fits, with … where something is left out. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of graphemes().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
