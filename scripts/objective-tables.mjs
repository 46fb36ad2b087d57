/**
 * Writes lib/objective/tables.ts, what TypeScript knows of activations and losses, from the tables of
 * kernels/math/objectives.h: `node scripts/objective-tables.mjs`, which `npm run build:lib` does first.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isMain, root } from './tools.mjs';

const header = path.join(root, 'kernels', 'math', 'objectives.h');
const output = path.join(root, 'lib', 'objective', 'tables.ts');

/** The lines of one table: of each the named columns, in order. Throws where a line has others. */
export function rowsOf(text, table, columns) {
  const body = new RegExp(`#define ${table}\\(ROW\\)((?:.*\\\\\\n)*.*)\\n`).exec(text)?.[1];
  if (body === undefined) throw new Error(`${header} has no table ${table}`);
  const rows = [...body.matchAll(/ROW\(([^)]*)\)/g)].map(([, cells]) => cells.split(',').map((cell) => cell.trim()));
  if (rows.length === 0) throw new Error(`${table} of ${header} has no line`);
  return rows.map((cells) => {
    if (cells.length !== columns.length) throw new Error(`line ${cells[0]} of ${table} has ${cells.length} cells`);
    return Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
  });
}

const quoted = (object) =>
  `{ ${Object.entries(object)
    .map(([key, value]) => `${key}: '${value}'`)
    .join(', ')} }`;

export function tablesSource(text) {
  const activations = rowsOf(text, 'EACH_ACTIVATION', ['name', 'code', 'loss', 'outputs']);
  const lossColumns = ['name', 'code', 'labels', 'outputs', 'curvature'];
  const losses = ['EACH_LOSS_OF_OUTPUT', 'EACH_LOSS_OF_PAIR']
    .flatMap((table) => rowsOf(text, table, lossColumns))
    .sort((a, b) => a.code - b.code);
  const lines = (rows, pick) => rows.map((row) => `  ${row.name}: ${quoted(pick(row))},`).join('\n');
  return `// Written by scripts/objective-tables.mjs from kernels/math/objectives.h.

/** The activations φ: the loss that each trains with unless one is named, and the outputs that it gives. */
export const activationTable = {
${lines(activations, ({ loss, outputs }) => ({ loss, outputs }))}
} as const;

/** The losses ℓ: the labels that each takes, and the outputs that it needs. */
export const lossTable = {
${lines(losses, ({ labels, outputs }) => ({ labels, outputs }))}
} as const;
`;
}

if (isMain(import.meta.url)) {
  const source = tablesSource(readFileSync(header, 'utf8'));
  // A file that is written anew would have everything that imports it compiled again.
  if (!existsSync(output) || readFileSync(output, 'utf8') !== source) {
    mkdirSync(path.dirname(output), { recursive: true });
    writeFileSync(output, source);
  }
}
