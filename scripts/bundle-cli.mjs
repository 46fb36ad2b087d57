/**
 * Makes the command line one file, dist/cli/main.js: `node scripts/bundle-cli.mjs`, which `npm run build:lib` does after compiling.
 * A command would find, read and compile some 150 modules one by one, for a quarter of what a small table takes. Packages stay
 * packages, and names stay names, as traces show them. What processes and workers of their own run is in dist/ beside it.
 */
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './tools.mjs';

await build({
  absWorkingDir: root,
  entryPoints: [path.join('lib', 'cli', 'main.ts')],
  outfile: path.join('dist', 'cli', 'main.js'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  external: ['./package.json'],
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
});
