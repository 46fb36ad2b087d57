/**
 * Fills in what only the repository that releases knows: `node scripts/release.mjs TARBALL URL REF` takes what `npm pack` made,
 * gives its package.json `repository`, `homepage` and `bugs`, has README's relative links lead to the repository at that
 * tag or commit, since npm's page has no files beside it, and packs it again in place. The checkout stays as it is.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fail } from './tools.mjs';

function manifestOf(text, url) {
  const { version, description, ...rest } = JSON.parse(text);
  const places = {
    repository: { type: 'git', url: `git+${url}.git` },
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
  };
  const { name, ...others } = rest;
  return `${JSON.stringify({ name, version, description, ...places, ...others }, null, 2)}\n`;
}

/** Links and pictures of Markdown outside code that name a file beside it. */
const link = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\((?!#|[a-z][a-z+.-]*:)([^)\s]+)\)/gi;

function withAbsoluteLinks(markdown, url, ref) {
  // Every other part is a fenced block.
  const parts = markdown.split(/^(```[^]*?^```$)/m);
  const rewritten = parts.map((part, at) =>
    at % 2 === 1
      ? part
      : part.replaceAll(
          link,
          (_all, mark, text, file) =>
            `${mark}[${text}](${url}/${mark === '!' ? 'raw' : 'blob'}/${ref}/${file.replace(/^\.\//, '')})`,
        ),
  );
  return rewritten.join('');
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
  if (error !== undefined) fail(`${program} could not be started: ${error.message}`);
  if (status !== 0) fail(`${program} ${args.join(' ')} failed`);
}

const [tarball, address = '', ref = ''] = process.argv.slice(2);
const url = address.replace(/\/$/, '').replace(/\.git$/, '');
if (tarball === undefined || !/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(url) || ref === '')
  fail('usage: node scripts/release.mjs TARBALL https://HOST/OWNER/NAME REF', 2);

const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-release-'));
try {
  run('tar', ['-xzf', path.resolve(tarball), '-C', folder]);
  const unpacked = path.join(folder, 'package');
  const edit = (name, change) => {
    const file = path.join(unpacked, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  edit('package.json', (text) => manifestOf(text, url));
  edit('README.md', (text) => withAbsoluteLinks(text, url, ref));
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], unpacked);
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  copyFileSync(path.join(folder, packed), tarball);
} finally {
  rmSync(folder, { recursive: true });
}
