/**
 * Makes `thalweg/model` one file, dist/model/index.mjs: `node scripts/bundle-model.mjs`, which `npm run build:lib` does after
 * compiling. What Node loads at its first use is at hand in a bundle: what would load it later is more than it is worth there.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './tools.mjs';

const later = /const (\w+) = lazily\(\(\) => require\('([^']+)'\) as typeof \w+\);/g;

/** Imports at once what the sources of a model load by `lazily`. */
const atOnce = {
  name: 'at-once',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/]model[\\/][^\\/]+\.ts$/ }, async ({ path: file }) => {
      const contents = (await readFile(file, 'utf8')).replace(
        later,
        "import * as $1AtOnce from '$2';\nconst $1 = () => $1AtOnce;",
      );
      return { contents, loader: 'ts' };
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: [path.join('lib', 'model', 'index.ts')],
  outfile: path.join('dist', 'model', 'index.mjs'),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  logLevel: 'warning',
  plugins: [atOnce],
});
