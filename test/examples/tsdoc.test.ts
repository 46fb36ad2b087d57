import { compiledExamples } from '../support/examples';
import { asShown, nodeOutput, promised } from './run-example';

const examples = compiledExamples();
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
    const text = await nodeOutput('--input-type=module', '--eval', runAll, ...files);
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
