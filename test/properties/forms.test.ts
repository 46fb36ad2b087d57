import { javascriptOf } from '../../lib/model-files/exports/javascript';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { thousandsMarks } from '../../lib/tables/columns/form-steps';
import { type Form, type NumberForm, dateOrders } from '../../lib/tables/columns/form';
import { readText } from '../../lib/tables/columns/forms';
import { formSql } from '../../lib/tables/columns/forms-sql';
import { untyped } from '../../lib/tables/files/column-sql';

let connection: DuckDBConnection;

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
});

afterAll(() => {
  connection.closeSync();
});

/** What SQL makes of texts, NaN where it gives NULL. */
async function inSql(expression: string, texts: readonly string[]): Promise<number[]> {
  const rows = texts.map((text, at) => `(${at}, '${text.replaceAll("'", "''")}')`).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT ${expression} FROM (SELECT id, trim(raw) AS t FROM (VALUES ${rows}) AS v(id, raw)) ORDER BY id`,
  );
  return reader.getRowsJS().map(([value]) => (value === null ? NaN : Number(value)));
}

const closeTo = (value: number, digits: number): unknown => expect.closeTo(value, digits);

const units = [['kg'], ['star', 'stars'], ['sq. ft.'], ['°C'], ['e']];
const numberForm: fc.Arbitrary<NumberForm> = fc
  .record({
    decimal: fc.constantFrom(undefined, ',' as const),
    thousands: fc.constantFrom(
      undefined,
      ',' as const,
      '.' as const,
      "'" as const,
      ' ' as const,
      '_' as const,
    ),
    before: fc.constantFrom(undefined, ['$'], ['US$', '€'], ['USD']),
    after: fc.constantFrom(undefined, ...units),
    percent: fc.constantFrom(undefined, true as const),
  })
  .filter(({ decimal = '.', thousands }) => decimal !== thousands)
  .map((form) => ({ read: 'number', ...form }));

const otherForm = fc.constantFrom<Form>(
  { read: 'hexadecimal' },
  { read: 'time' },
  ...dateOrders.map((order) => ({ read: 'date', order }) as const),
);

const pieces = [
  ...Array.from("0123456789.,'’_ \u00a0\u202f()+-−–%$€/:TZapPeEx"),
  ...[
    '12',
    '1,234',
    "1'000",
    '1.5',
    '2024',
    '31',
    '02',
    '29',
    '0x1F',
    '08:30',
    '11:59:59.25',
    ' PM',
    '+02:00',
  ],
  ...[
    'Jan',
    'january',
    'Sept',
    'May',
    'kg',
    'star',
    'stars',
    'US$',
    'USD',
    'sq. ft.',
    '°C',
    '/01/',
    '-12-',
    '. ',
  ],
];

/** Texts of what forms are made of, in any order. */
const jumbled = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
  .map((all) => all.join(''));

function grouped(digits: string, mark: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, mark);
}

const written = fc.record({
  cents: fc.integer({ min: 0, max: 1e12 }),
  places: fc.integer({ min: 0, max: 3 }),
  style: fc.constantFrom('plain', '-', '−', '()'),
  mark: fc.nat(3),
  unit: fc.nat(1),
  gap: fc.constantFrom('', ' ', '\u00a0'),
});

/** A number as a form has it, and its value. */
function dressed(
  form: NumberForm,
  { cents, places, style, mark, unit, gap }: typeof written extends fc.Arbitrary<infer T> ? T : never,
): { text: string; value: number } {
  const { decimal = '.', thousands, before = [''], after = [''], percent } = form;
  const digits = String(cents).padStart(places + 1, '0');
  const [integer, rest] = [digits.slice(0, digits.length - places), digits.slice(digits.length - places)];
  const marks = thousands === undefined ? '' : thousandsMarks[thousands];
  const body = `${grouped(integer, marks[mark % Math.max(1, marks.length)] ?? '')}${rest === '' ? '' : decimal}${rest}`;
  const unitText = `${percent === true ? '%' : ''}${after[unit % after.length] === '' ? '' : `${gap}${after[unit % after.length] ?? ''}`}`;
  const core = `${before[unit % before.length] ?? ''}${body}${unitText}`;
  const text = style === 'plain' ? core : style === '()' ? `(${core})` : `${style}${core}`;
  const value = Number(`${style === 'plain' ? '' : '-'}${integer}${rest === '' ? '' : '.'}${rest}`);
  return { text, value: percent === true ? value / 100 : value };
}

/** What a model's exported function reads texts as; NaN where it takes none for a value. */
function inExport(
  form: Form | undefined,
  texts: readonly string[],
  kind: 'number' | 'date' = form?.read === 'date' ? 'date' : 'number',
): number[] {
  const features = [{ name: 'x', kind, mean: 0, scale: 1, ...(form && { form }) }] as const;
  const neuron = { weights: [1], bias: 0, activation: 'linear' } as const;
  const model = { format: 'thalweg-model', version: 2, missing: 'drop', features, neuron } as const;
  const module = { exports: undefined as unknown };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what is exported is code
  new Function('module', javascriptOf(model, 'commonjs'))(module);
  const predict = module.exports as (row: object) => { value: number | null };
  return texts.map((x) => {
    try {
      return predict({ x }).value ?? NaN;
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      return NaN;
    }
  });
}

describe('a form reads alike in SQL and in JavaScript', () => {
  test('numbers: what they were made of', async () => {
    await fc.assert(
      fc.asyncProperty(numberForm, fc.array(written, { minLength: 1, maxLength: 40 }), async (form, all) => {
        const made = all.map((one) => dressed(form, one));
        const texts = made.map(({ text }) => text);
        const values = made.map(({ value }) => value);
        expect(texts.map((text) => readText(text, 'number', form) + 0)).toEqual(
          values.map((value) => value + 0),
        );
        expect((await inSql(formSql(form, 't'), texts)).map((value) => value + 0)).toEqual(
          values.map((value) => value + 0),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(numberForm, otherForm),
        fc.array(fc.oneof({ weight: 4, arbitrary: jumbled }, fc.string({ unit: 'grapheme' })), {
          minLength: 1,
          maxLength: 60,
        }),
        async (form, all) => {
          // Both are given texts without the spaces around them.
          const texts = all.map((text) => text.replaceAll('\0', '').replace(/^ +| +$/g, ''));
          const kind = form.read === 'date' ? 'date' : 'number';
          expect(texts.map((text) => readText(text, kind, form))).toEqual(
            await inSql(formSql(form, 't'), texts),
          );
          // Dates read in ISO 8601 as well there, as they do wherever a model predicts.
          const plain = (text: string): number => (kind === 'date' ? readText(text, kind) : NaN);
          expect(inExport(form, texts)).toEqual(
            texts.map((text) => {
              const read = readText(text, kind, form);
              return Number.isNaN(read) ? plain(text) : Number.isFinite(read) ? read + 0 : NaN;
            }),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('any space around a text, but no tab', async () => {
    const spaces = Array.from(' \u00a0\u1680\u2000\u2009\u200a\u202f\u205f\u3000');
    const texts = [...spaces, '\t', '\u200b', '\ufeff'].map((space) => `${space}${space}12.5${space}`);
    const form: NumberForm = { read: 'number', before: ['$'] };
    const expected = [...spaces.map(() => 12.5), NaN, NaN, NaN];
    expect(await inSql(formSql(form, 't'), texts)).toEqual(expected);
    expect(texts.map((text) => readText(text, 'number', form))).toEqual(expected);
    expect(inExport(form, texts)).toEqual(expected);
  });

  const instant = fc.record({
    at: fc.date({
      min: new Date('1900-01-01T00:00:00Z'),
      max: new Date('2099-12-31T23:59:59Z'),
      noInvalidDate: true,
    }),
    between: fc.constantFrom('/', '-', '.', ' '),
    time: fc.constantFrom('none', 'minutes', 'seconds', 'half', 'zone'),
    short: fc.boolean(),
  });

  test.each(dateOrders)('dates: %s', async (order) => {
    const form: Form = { read: 'date', order };
    await fc.assert(
      fc.asyncProperty(fc.array(instant, { minLength: 1, maxLength: 30 }), async (all) => {
        const made = all.map(({ at, between, time, short }) => {
          const [y, m, d] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
          const [month, day] = short ? [String(m), String(d)] : [m, d].map((n) => String(n).padStart(2, '0'));
          const name = at.toLocaleString('en-US', { month: short ? 'short' : 'long', timeZone: 'UTC' });
          const date = {
            'day-first': [day, month, y].join(between),
            'month-first': [month, day, y].join(between),
            'year-first': [y, month, day].join(between),
            'year-month':
              time === 'half' ? `${name}${between}${y}` : [y, month].join(between === '/' ? between : '-'),
            quarter: short ? `${y}Q${Math.ceil(m / 3)}` : `q${Math.ceil(m / 3)} ${y}`,
            compact: `${y}${String(m).padStart(2, '0')}${String(d).padStart(2, '0')}`,
            'month-name': short ? `${d} ${name} ${y}` : `${name} ${d}, ${y}`,
          }[order];
          const [h, min, s] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
          const two = (n: number): string => String(n).padStart(2, '0');
          const [clock, seconds] = {
            none: ['', 0],
            minutes: [` ${two(h)}:${two(min)}`, h * 3600 + min * 60],
            seconds: [`T${two(h)}:${two(min)}:${two(s)}`, h * 3600 + min * 60 + s],
            half: [` ${h % 12 || 12}:${two(min)} ${h < 12 ? 'AM' : 'pm'}`, h * 3600 + min * 60],
            zone: [` ${two(h)}:${two(min)}+02:30`, h * 3600 + min * 60 - 9000],
          }[time] as [string, number];
          if (order === 'year-month') return { text: date, value: Date.UTC(y, m - 1, 1) / 86_400_000 };
          if (order === 'quarter')
            return { text: date, value: Date.UTC(y, m - 1 - ((m - 1) % 3), 1) / 86_400_000 };
          return { text: `${date}${clock}`, value: (Date.UTC(y, m - 1, d) / 1000 + seconds) / 86_400 };
        });
        const texts = made.map(({ text }) => text);
        const values = made.map(({ value }) => value);
        const read = texts.map((text) => readText(text, 'date', form));
        expect(read).toEqual(values.map((value) => expect.closeTo(value, 9) as unknown));
        expect(await inSql(formSql(form, 't'), texts)).toEqual(read);
        expect(inExport(form, texts)).toEqual(read);
      }),
      { numRuns: 60 },
    );
  });

  test('months that there are not, or of years as far away as no table has them, are none', async () => {
    const form: Form = { read: 'date', order: 'year-month' };
    const texts = [
      '2021-00',
      '2021-13',
      '1234-05',
      '0012-05',
      '3000-01',
      '2021-04 08:30',
      '2021.04',
      '202104',
      'Foo 2021',
      'Apr 21',
      '2021 Apr',
    ];
    for (const text of texts) expect(readText(text, 'date', form)).toBeNaN();
    expect(await inSql(formSql(form, 't'), texts)).toEqual(texts.map(() => NaN));
    expect(inExport(form, texts)).toEqual(texts.map(() => NaN));
  });

  test('quarters that there are not are none', async () => {
    const form: Form = { read: 'date', order: 'quarter' };
    const texts = ['2021Q0', '2021Q5', '21Q1', 'Q 2021', '2021Q', 'Q12021Q1'];
    for (const text of texts) expect(readText(text, 'date', form)).toBeNaN();
    expect(await inSql(formSql(form, 't'), texts)).toEqual(texts.map(() => NaN));
    expect(inExport(form, texts)).toEqual(texts.map(() => NaN));
  });

  test('days that there are not are none', () => {
    for (const text of ['31/02/2024', '29/02/2023', '00/01/2024', '12/13/2024', '01/01/2024 25:00'])
      expect(readText(text, 'date', { read: 'date', order: 'day-first' })).toBeNaN();
    expect(readText('29/02/24', 'date', { read: 'date', order: 'day-first' })).toBe(
      Date.UTC(2024, 1, 29) / 864e5,
    );
    expect(readText('1/1/69', 'date', { read: 'date', order: 'day-first' })).toBe(
      Date.UTC(1969, 0, 1) / 864e5,
    );
  });
});

describe('what is written plainly reads alike in SQL and in JavaScript', () => {
  const { number = '', date = '' } = untyped('t');

  test('numbers', async () => {
    const texts = [
      '1',
      '-1.5',
      '+2',
      '1e5',
      '1E-3',
      '.5',
      '5.',
      '1_000',
      '0x1F',
      '1,5',
      '',
      '-',
      'e',
      '1e',
      '7 ',
      ' 8',
      '\t7',
      '7\r',
      '\v7\f',
      '7 \t',
      '7 8',
      '+ 3',
      '\u00a07',
    ];
    expect(await inSql(number, texts)).toEqual(texts.map((text) => readText(text, 'number')));
    expect(inExport(undefined, texts)).toEqual(texts.map((text) => readText(text, 'number')));
    expect(texts.map((text) => readText(text, 'number')).slice(0, 7)).toEqual([
      1, -1.5, 2, 1e5, 1e-3, 0.5, 5,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        async (all) => {
          expect((await inSql(number, all.map(String))).map((value) => value + 0)).toEqual(
            all.map((value) => readText(String(value), 'number') + 0),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('dates', async () => {
    const texts = [
      '2024-01-31',
      '2024-1-5',
      '2024-02-30',
      '2024-01-31T10:20:30Z',
      '2024-01-31 10:20:30.25+02',
    ];
    const more = [
      '1969-12-31 23:59',
      '2024/01/31',
      '31-01-2024',
      'today',
      '2024-01',
      '2024-01-31T10:20:30-05:30',
    ];
    const all = [...texts, ...more];
    const read = all.map((text) => readText(text, 'date'));
    expect(read[3]).toBe(Date.UTC(2024, 0, 31, 10, 20, 30) / 864e5);
    expect(await inSql(date, all)).toEqual(read);
    expect(inExport(undefined, all, 'date')).toEqual(read);
  });

  test('ISO 8601 with and without seconds, a zone and the space before it, and nothing else', async () => {
    const at = (...time: number[]): number =>
      Date.UTC(2024, 0, 31, ...(time as [number, number, number])) / 864e5;
    const values: [string, number][] = [
      ['2024-01-31T10:20Z', at(10, 20)],
      ['2024-01-31 10:20 +02:00', at(8, 20)],
      ['2024-01-31 10:20:30 -0530', at(15, 50, 30)],
      ['2024-01-31T10:20:30,5', at(10, 20, 30) + 0.5 / 86_400],
      ['2024-01-31T10:20:30,5+01', at(9, 20, 30) + 0.5 / 86_400],
      ['2024-01-31 10:20:30 UTC', at(10, 20, 30)],
      ['2024-01-31 10:20 GMT', at(10, 20)],
      // After a name of a zone, what follows is in UTC all the same.
      ['2024-01-31 10:20:30 Europe/Berlin', NaN],
      ['2024-01-31 10:20:30 EST', NaN],
      ['2024-01-31 10:20:30', at(10, 20, 30)],
      ['2024-01-31', at()],
      ['0044-03-15 (BC)', NaN],
      ['2024-01-31T24:00', at(24)],
      ['2024-01-31T24:01', NaN],
      ['2024-01-31T25:00', NaN],
      ['2024-01-31T10:60', NaN],
      ['2024-01-31T10:20:60', NaN],
      ['2024-01-31  10:20', NaN],
      ['2024-01-31T10:20:30.', NaN],
      ['2024-01-31Z', NaN],
      ['2024-01-31T10', NaN],
    ];
    const texts = values.map(([text]) => text);
    const expected = values.map(([, value]) => (Number.isNaN(value) ? NaN : closeTo(value, 9)));
    const read = texts.map((text) => readText(text, 'date'));
    expect(read).toEqual(expected);
    expect(await inSql(date, texts)).toEqual(read);
    expect(inExport(undefined, texts, 'date')).toEqual(read);
  });

  test('dates of any parts', async () => {
    const part = (...all: string[]): fc.Arbitrary<string> => fc.constantFrom('', ...all);
    const parts = fc.tuple(
      fc.constantFrom('2024-02-29', '1999-1-1', '0001-12-31', '2023-02-29', '20240131', '24-01-31'),
      part(' ', 'T', 't', '  '),
      part('0', '09', '23', '24', '25', '7'),
      part(':', '-'),
      part('0', '00', '59', '60', '123'),
      part(':'),
      part('0', '00', '59', '60', '30.5', '30.123456', '30,25', '5.1234567890'),
      part(' ', 'T'),
      part('Z', 'z', 'UTC', 'GMT', 'EST', 'Asia/Tokyo', '+02', '-02:30', '+0545', '+2', ' (BC)', ' AM'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          parts.map((all) => all.join('').trim()),
          { minLength: 20, maxLength: 60 },
        ),
        async (texts) => {
          const read = texts.map((text) => readText(text, 'date'));
          expect(await inSql(date, texts)).toEqual(read);
          expect(inExport(undefined, texts, 'date')).toEqual(read);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('booleans', () => {
    expect(['true', 'FALSE', 'yes', ''].map((text) => readText(text, 'boolean'))).toEqual([1, 0, NaN, NaN]);
  });
});
