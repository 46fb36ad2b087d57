/**
 * Everything that a machine with a GPU can tell: `npm run check:gpu`. Runs the conformance suites on each of its GPUs,
 * through HIP and through OpenCL, then `thalweg bench`. On a machine with an NVIDIA card and no ROCm, the
 * HIP kernels run through NVIDIA's driver and NVRTC (test/support/cuda-shim). Fails where a test does, or without a GPU.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, packageBin, root, runOrExit } from './tools.mjs';

const suites = ['test/reference', 'test/properties', 'test/neuron', 'test/bad-input'];

function output(args, env) {
  const options = { cwd: root, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] };
  const { status, stdout } = spawnSync(process.execPath, args, options);
  return status === 0 ? stdout : fail(`node ${args.join(' ')} failed`);
}

function environment() {
  const env = { ...process.env };
  if (env.THALWEG_HIP_LIBRARY === undefined && existsSync('/dev/nvidiactl') && !existsSync('/dev/kfd'))
    env.THALWEG_HIP_LIBRARY = output([path.join('test', 'support', 'cuda-shim', 'build.mjs')], env);
  return env;
}

const env = environment();
const list = `require('./dist').devices().then((found) => console.log(JSON.stringify(found)))`;
const gpus = JSON.parse(output(['-e', list], env)).filter(({ type }) => type === 'gpu');
if (gpus.length === 0) fail('this machine has no GPU that works: npx thalweg doctor says why');
for (const { id, name, driver } of gpus) console.log(`${id}: ${name}, driver ${driver}`);

// The titles of suites name the device and its name: emulated devices have other ones.
const escaped = (text) => text.replaceAll(/[^\w\s]/g, '\\$&');
const titles = gpus.map(({ id, name }) => `${escaped(id)}[^\\[]*\\[${escaped(name)}\\]`).join('|');
runOrExit(process.execPath, [packageBin('jest'), ...suites, '--testNamePattern', titles], { env });
const chosen = gpus.flatMap(({ id }) => ['--device', id]);
runOrExit(process.execPath, [path.join('dist', 'cli', 'main.js'), 'bench', ...chosen], { env });
