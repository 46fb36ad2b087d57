/**
 * Builds the addon inside an installed package, from the sources it ships: `node scripts/build-from-package.mjs`.
 * This is what `thalweg build` runs. Uses the node-gyp that comes with npm, so nothing has to be installed but a
 * compiler, make and Python; the result is build/Release/thalweg.node of the package, which the loader prefers.
 */
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildWithNodeGyp } from './node-gyp.mjs';
import { fail, findProgram, root } from './tools.mjs';

/** npm's own script: the one that runs this process, or the one on PATH. */
function npmScripts() {
  const npm = findProgram('npm');
  return [process.env.npm_execpath, npm && realpathSync(npm)].filter(Boolean);
}

function findNodeGyp() {
  const requires = npmScripts().map((script) => createRequire(realpathSync(script)));
  for (const require of [...requires, createRequire(import.meta.url)]) {
    try {
      const manifest = require.resolve('node-gyp/package.json');
      const script = path.join(path.dirname(manifest), 'bin', 'node-gyp.js');
      if (existsSync(script)) return script;
    } catch {
      continue;
    }
  }
  return undefined;
}

const nodeGyp = findNodeGyp();
if (nodeGyp === undefined) {
  fail('found no node-gyp: npm, which brings it, is not on PATH.\nInstall npm, or run: npm install node-gyp');
}
buildWithNodeGyp(nodeGyp);
// The objects are many times the size of the addon, and nobody builds here twice.
rmSync(path.join(root, 'build', 'Release', 'obj.target'), { recursive: true, force: true });
console.log(`built ${path.join(root, 'build', 'Release', 'thalweg.node')}`);
