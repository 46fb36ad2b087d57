import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { type Declared, Declarations, tagged } from '../support/declarations';
import { compiledExamples } from '../support/examples';
import { asShown, printedBy, promised, root } from './run-example';

const declarations = new Declarations(root);
const declared = declarations.declared();
const offered = Object.values(declarations.names).flat();
const namesOf = (some: readonly Declared[]): string[] => some.map(({ name }) => name);

/** What is called, in a declaration of its own or of a class. */
function isFunction({ node }: Declared): boolean {
  return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node);
}

describe('TSDoc', () => {
  test('tells of every name and every member', () => {
    expect(declared.length).toBeGreaterThan(150);
    expect(namesOf(declared.filter(({ summary }) => summary === ''))).toEqual([]);
  });

  test('has an example of everything that is called or constructed', () => {
    const values = declared.filter(({ name }) => declarations.values.includes(name));
    // Two entries share ThalwegError, and have a loadModel each.
    expect([...new Set(namesOf(values))].sort()).toEqual([...new Set(declarations.values)].sort());
    expect(namesOf(values.filter((one) => tagged(one, 'example').length === 0))).toEqual([]);
  });

  test('tells of every parameter but options, whose type does', () => {
    const untold = declared.filter(isFunction).flatMap(({ name, node }) => {
      const { parameters } = node as ts.SignatureDeclaration;
      const own = parameters.filter((parameter) => !['this', 'options'].includes(parameter.name.getText()));
      return own
        .filter((parameter) => ts.getJSDocParameterTags(parameter).every(({ comment }) => !comment))
        .map((parameter) => `${name}(${parameter.name.getText()})`);
    });
    expect(untold).toEqual([]);
  });

  /** What fails for nothing. */
  const harmless = [
    ...['diagnose', 'ThalwegError.constructor', 'Neuron.toJSON', 'Layer.toJSON'],
    ...['Model.constructor', 'LoadedModel.constructor', 'Model.toJSON'],
    ...['Device.close', 'Device.[Symbol.asyncDispose]', 'Matrix.dispose', 'Matrix.[Symbol.dispose]'],
  ];

  test('says what is thrown', () => {
    const silent = declared.filter((one) => isFunction(one) && tagged(one, 'throws').length === 0);
    expect(namesOf(silent).sort()).toEqual([...harmless].sort());
  });

  test('and docs/api.md tell of the same names', () => {
    const page = readFileSync(path.join(root, 'docs/api.md'), 'utf8');
    const code = page.match(/^```.*?^```$|`[^`]+`/gms) ?? [];
    const named = new Set(code.join('\n').match(/[\w$]+/g));
    const wanted = declared.filter(
      ({ name, node }) => offered.includes(name.split('.')[0] ?? '') && !ts.isConstructorDeclaration(node),
    );
    const own = ({ name }: Declared): string => /\w+/.exec(name.split('.').at(-1) ?? '')?.[0] ?? '';
    expect(namesOf(wanted.filter((one) => !named.has(own(one))))).toEqual([]);
  });
});

const examples = compiledExamples(declared);
const [forJest, plain] = [true, false].map((jest) =>
  examples.filter(({ file }) => file.endsWith('.cjs') === jest),
);

/** What separates the lines of one example from those of the next. */
const mark = '-- ';

const runAll = `
  for (const file of process.argv.slice(1)) {
    console.log(${JSON.stringify(mark)} + file);
    await import(file).catch((error) => console.log(error));
  }`;

test.each(examples)('the example of $name is well typed', ({ complaints }) => {
  expect(complaints).toEqual([]);
});

describe('the example', () => {
  const printed = new Map<string, readonly string[]>();

  beforeAll(async () => {
    const files = plain?.map(({ file }) => file) ?? [];
    const text = await printedBy(runAll, ...files);
    for (const part of `\n${text.trimEnd()}`.split(`\n${mark}`).slice(1)) {
      const [file = '', ...lines] = part.split('\n');
      printed.set(file, lines);
    }
  });

  test.each(plain ?? [])('of $name prints what it says', ({ code, file }) => {
    expect(promised(code)).not.toEqual([]);
    expect(printed.get(file)).toEqual(promised(code).map(asShown));
  });
});

describe.each(forJest ?? [])('the example of $name', ({ file }) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it declares tests, which import() would be late for
  require(file);
});
