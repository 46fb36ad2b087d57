/**
 * Writes what TypeScript knows of the tables of kernels/math: of activations and losses (objectives.h) in
 * lib/objective/tables.ts, and the names of optimisers (optimizers.h) in lib/method/tables.ts.
 * `node scripts/objective-tables.mjs`, which `npm run build:lib` does first.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isMain, root } from './tools.mjs';

const math = path.join(root, 'kernels', 'math');
const lib = path.join(root, 'lib');

/** The lines of one table: the named columns of each, and its formula where it has one. Throws where a line has others. */
function rowsOf(text, table, columns) {
  const body = new RegExp(`#define ${table}\\(ROW\\)((?:.*\\\\\n)*.*)\n`).exec(text)?.[1] ?? '';
  const rows = [...body.matchAll(/ROW\(([^)]*)\)(?:\s*\/\*\s*(.*?)\s*\*\/)?/g)];
  if (rows.length === 0) throw new Error(`there is no line of ${table}`);
  return rows.map(([, cells, formula]) => {
    const values = cells.split(',').map((cell) => cell.trim());
    if (values.length !== columns.length)
      throw new Error(`a line of ${table} has ${values.length} cells: ${cells}`);
    return { ...Object.fromEntries(columns.map((column, at) => [column, values[at]])), formula };
  });
}

function tableSource(name, rows, columns) {
  const cells = (row) => columns.map((column) => `${column}: '${row[column]}'`).join(', ');
  return `export const ${name} = {\n${rows.map((row) => `  ${row.name}: { ${cells(row)} },`).join('\n')}\n} as const;`;
}

const union = (rows) => rows.map(({ name }) => `'${name}'`).join(' | ');
const formulas = (rows) => rows.map(({ name, formula }) => ` * - \`${name}\`: ${formula}`).join('\n');

export function tablesSource(text) {
  const activations = rowsOf(text, 'EACH_ACTIVATION', ['name', 'code', 'loss', 'outputs']);
  const lossColumns = ['name', 'code', 'labels', 'outputs', 'curvature'];
  const losses = ['EACH_LOSS_OF_OUTPUT', 'EACH_LOSS_OF_PAIR']
    .flatMap((table) => rowsOf(text, table, lossColumns))
    .sort((a, b) => a.code - b.code);
  return `// Written by scripts/objective-tables.mjs from kernels/math/objectives.h.

/** @internal Of each activation φ the loss that it trains with unless one is named, and the outputs that it gives. */
${tableSource('activationTable', activations, ['loss', 'outputs'])}

/** @internal Of each loss ℓ the labels that it takes, and the outputs that it needs. */
${tableSource('lossTable', losses, ['labels', 'outputs'])}

/**
 * Names of the activations φ(z).
 *
${formulas(activations)}
 */
export type ActivationName = ${union(activations)};

/**
 * Names of the losses ℓ(ŷ, y) of one row; a descent minimises the mean over the rows.
 *
${formulas(losses)}
 *
 * \`squared\` has no factor ½, \`huber\` has one. \`log\` and \`poisson\` are negative log-likelihoods, Bernoulli's and
 * Poisson's, the latter without log y!. Source: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 2nd
 * ed., §10.6.
 */
export type LossName = ${union(losses)};
`;
}

export function optimizersSource(text) {
  return `// Written by scripts/objective-tables.mjs from kernels/math/optimizers.h.

/** Names of the optimisers: those whose steps are along the gradient, and L-BFGS. */
export type OptimizerName = ${union(rowsOf(text, 'EACH_OPTIMIZER', ['name', 'code']))} | 'lbfgs';
`;
}

/** A file that is written anew would have everything that imports it compiled again. */
function writeTables(header, sourceOf, output) {
  const source = sourceOf(readFileSync(path.join(math, header), 'utf8'));
  if (existsSync(output) && readFileSync(output, 'utf8') === source) return;
  mkdirSync(path.dirname(output), { recursive: true });
  writeFileSync(output, source);
}

if (isMain(import.meta.url)) {
  writeTables('objectives.h', tablesSource, path.join(lib, 'objective', 'tables.ts'));
  writeTables('optimizers.h', optimizersSource, path.join(lib, 'method', 'tables.ts'));
}
