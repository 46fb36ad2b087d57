import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './browser';
import { cleanEnvironment, output, root } from './support';

const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-report-'));
/** Left to be looked at. */
const pictures = path.join(root, 'build', 'report');
mkdirSync(pictures, { recursive: true });

const hostile = `<img src=x onerror="document.title='run'">`;

/** Three classes of two columns, with names that would be markup. */
const classes = [
  `"x ${hostile.replaceAll('"', '""')}",z,class`,
  ...Array.from({ length: 90 }, (_, i) => {
    const [x, z] = [(i * 7) % 30, (i * 11) % 23];
    const level = x + z / 5 < 10 ? '<b>low</b>' : x > 20 ? 'high & dry' : 'middle';
    return `${x + (i % 5) / 2},${z},${level}`;
  }),
].join('\n');

interface Reported {
  readonly name: string;
  readonly fit: readonly string[];
}

const examples = path.join(root, 'examples', 'data');
const reports: readonly Reported[] = [
  {
    name: 'numbers',
    fit: [path.join(examples, 'diabetes.csv'), '--target', 'progression', '--holdout', '0.25'],
  },
  {
    name: 'two classes',
    fit: [
      path.join(examples, 'breast-cancer.csv'),
      '--target',
      'benign',
      '--l2',
      '0.01',
      '--validation',
      '0.2',
    ],
  },
  { name: 'three classes', fit: [path.join(folder, 'classes.csv'), '--target', 'class', '--l2', '0.01'] },
  {
    name: 'steps',
    fit: [
      path.join(examples, 'diabetes.csv'),
      '--target',
      'progression',
      '--strategy',
      'mini-batch',
      '--epochs',
      '30',
    ],
  },
];

const file = (name: string): string => path.join(folder, `${name.replaceAll(' ', '-')}.html`);

let browser: Browser;

beforeAll(async () => {
  writeFileSync(path.join(folder, 'classes.csv'), classes);
  const cli = path.join(root, 'dist', 'cli', 'main.js');
  for (const { name, fit } of reports) {
    const args = [cli, 'fit', ...fit, '--device', 'cpu', '--report', file(name), '--quiet'];
    output(process.execPath, args, { cwd: folder, env: cleanEnvironment() });
  }
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Looks {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

/** The page as a reader has it, without a network; what it complains of on the way. */
async function onPage<Result>(
  name: string,
  { colorScheme, width }: Looks,
  body: (page: Page) => Promise<Result>,
): Promise<Result> {
  // A page of its own rules lets no script in, and what looks at it is one.
  const context = await browser.newContext({
    ...{ bypassCSP: true, colorScheme, offline: true },
    viewport: { width, height: 900 },
  });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(request.url()));
    await page.goto(pathToFileURL(file(name)).href);
    const result = await body(page);
    expect(complaints).toEqual([]);
    return result;
  } finally {
    await context.close();
  }
}

/** What a page's own JavaScript says, which this project has no types of. */
async function seen<Result>(page: Page, expression: string): Promise<Result> {
  return await page.evaluate<Result>(expression);
}

interface Parts {
  readonly scripts: number;
  readonly links: number;
  readonly pictures: readonly { label: string; marks: number }[];
  readonly headings: readonly string[];
}

describe.each(reports)('a report of $name', ({ name }) => {
  test.each(['light', 'dark'] as const)('has nothing that axe finds, %s', async (colorScheme) => {
    const violations = await onPage(name, { colorScheme, width: 1000 }, async (page) => {
      await page.screenshot({
        path: path.join(pictures, `${path.basename(file(name), '.html')}-${colorScheme}.png`),
        fullPage: true,
      });
      await page.addScriptTag({ content: axe.source });
      return await seen<string[]>(
        page,
        `axe.run().then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(', ')))`,
      );
    });
    expect(violations).toEqual([]);
  });

  test('is one file, with no script and pictures of each part', async () => {
    const found = await onPage(name, { colorScheme: 'light', width: 1000 }, (page) =>
      seen<Parts>(
        page,
        `({
          scripts: document.scripts.length,
          links: document.querySelectorAll('link, iframe, object, embed, img').length,
          pictures: [...document.querySelectorAll('figure svg[role="img"]')].map((svg) => ({
            label: svg.getAttribute('aria-label') ?? '',
            marks: svg.querySelectorAll('path').length,
          })),
          headings: [...document.querySelectorAll('h2')].map(({ textContent }) => textContent),
        })`,
      ),
    );
    expect(found).toMatchObject({ scripts: 0, links: 0 });
    expect(found.pictures.length).toBeGreaterThanOrEqual(2);
    for (const { label, marks } of found.pictures) {
      expect(label.length).toBeGreaterThan(20);
      expect(marks).toBeGreaterThan(3);
    }
    expect(found.headings).toEqual(
      expect.arrayContaining(['On rows trained on', 'Weights', 'Data', 'Training']),
    );
    expect(readFileSync(file(name), 'utf8')).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)/);
  });

  test('fits a narrow page', async () => {
    const [inner, page] = await onPage(name, { colorScheme: 'light', width: 360 }, (narrow) =>
      seen<[number, number]>(narrow, '[window.innerWidth, document.documentElement.scrollWidth]'),
    );
    expect(page).toBeLessThanOrEqual(inner);
  });
});

test('names from the data are text, whatever they hold', async () => {
  const found = await onPage('three classes', { colorScheme: 'light', width: 1000 }, (page) =>
    seen<{ title: string; text: string; bold: number }>(
      page,
      `({
        title: document.title,
        text: document.body.innerText,
        bold: document.querySelectorAll('b').length,
      })`,
    ),
  );
  expect(found.title).toBe('class from classes.csv');
  expect(found.bold).toBe(0);
  expect(found.text).toContain(hostile);
  expect(found.text).toContain('<b>low</b>');
  expect(found.text).toContain('high & dry');
});
