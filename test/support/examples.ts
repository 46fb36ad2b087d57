import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { type Declared, complaints, strictest, tagged } from './declarations';

const root = path.join(__dirname, '..', '..');

/** Within the checkout, so that 'thalweg' is what was built here. */
const folder = path.join(root, 'build', 'examples');

/** An `@example` of a declaration. */
export interface Example {
  /** What it is an example of. */
  readonly name: string;
  readonly code: string;
  /** The compiled module. */
  readonly file: string;
  /** What the compiler finds in it. */
  readonly complaints: readonly string[];
}

/** The code of an example, which stands in a fence. */
function codeOf(name: string, example: string): string {
  const [, code] = /^```ts\n(.*)\n```$/s.exec(example.trim()) ?? [];
  if (code === undefined)
    throw new Error(`the example of ${name} does not stand between \`\`\`ts and \`\`\``);
  return code;
}

/** Every example of these, checked as a careful project would, and compiled. */
export function compiledExamples(declared: readonly Declared[]): Example[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sources = declared.flatMap((one, index) =>
    tagged(one, 'example').map((example, at) => {
      const { name } = one;
      const code = codeOf(name, example);
      // Examples for Jest are required by a test; those with a top-level await could not be.
      const extension = code.includes("'thalweg/jest'") ? 'cts' : 'mts';
      return { name, code, source: path.join(folder, `${name}.${index}.${at}.${extension}`) };
    }),
  );
  for (const { source, code } of sources) writeFileSync(source, code);
  const program = ts.createProgram(
    sources.map(({ source }) => source),
    { ...strictest, types: ['node', 'jest'], skipLibCheck: true },
  );
  program.emit();
  return sources.map(({ name, code, source }) => ({
    name,
    code,
    file: source.replace(/\.([cm])ts$/, '.$1js'),
    complaints: complaints(program, program.getSourceFile(source)),
  }));
}
