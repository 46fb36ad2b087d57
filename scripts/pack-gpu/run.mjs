/**
 * What run.sh runs in the folder that `npm run pack:gpu` makes: every step in a process of its own, with a time of its own,
 * so that one that fails hides no other. Prints one JSON object.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../tools.mjs';
import { drivers } from './drivers.mjs';
import { machine } from './machine.mjs';
import { ask } from './step.mjs';

const { values: options } = readArguments({
  options: { quick: { type: 'boolean', default: false }, device: { type: 'string', multiple: true } },
});

const home = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.dirname(home.replace(/\/$/, ''));
const command = path.join(home, 'dist', 'cli', 'main.js');
const { version, gitHead } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));

const start = Date.now();
const result = {
  ok: false,
  thalweg: version,
  commit: gitHead,
  date: new Date().toISOString(),
  quick: options.quick,
};
const failed = [];
let env = process.env;
let found;

const tell = (what) => process.stderr.write(`${what}…\n`);

/** The answer of a step, or undefined; its failure is added to the list. */
async function step(name, args, seconds) {
  tell(name);
  const { answer, failure } = await ask(process.execPath, args, { env, seconds });
  if (failure !== undefined) {
    failed.push({ step: name, ...failure });
    process.stderr.write(`${name} FAILED: ${failure.message}\n`);
  }
  return answer;
}

const thalweg = (name, args, seconds) => step(name, [command, ...args, '--json'], seconds);

/** The same step on each device, by id, into the result as each is done. */
async function each(ids, name, args, seconds) {
  const answers = (result[name] = {});
  for (const id of ids)
    answers[id] = await thalweg(`${name} ${id}`, [name, '--device', id, ...args], seconds);
}

/** A driver that ends the process that asks it is left out, and the devices of the others are still measured. */
async function listed() {
  const all = await thalweg('devices', ['devices'], 300);
  if (all !== undefined) return all;
  const off = '/nonexistent';
  const without = {
    OpenCL: { THALWEG_OPENCL_LIBRARY: off },
    HIP: { THALWEG_HIP_LIBRARY: off },
    'OpenCL and HIP': { THALWEG_OPENCL_LIBRARY: off, THALWEG_HIP_LIBRARY: off },
  };
  for (const [name, settings] of Object.entries(without)) {
    env = { ...found.env, ...settings };
    const devices = await thalweg(`devices without ${name}`, ['devices'], 300);
    if (devices !== undefined) return devices;
  }
  return [];
}

/** Where measured passes are compared with what PyTorch reaches on the same card. */
async function times(devices) {
  const answers = (result.times = {});
  const settings = options.quick ? ['--mebibytes', '16', '--rounds', '3', '--seconds', '0.05'] : [];
  for (const id of devices) {
    const args = [path.join(home, 'bench', 'gpu.mjs'), '--device', id, ...settings];
    answers[id] = await step(`times ${id}`, args, 900);
  }
}

async function all() {
  tell('machine');
  result.machine = await machine(env);
  found = await drivers(folder, env);
  env = found.env;
  result.drivers = found.about;
  result.doctor = await thalweg('doctor', ['doctor'], 600);
  result.devices = await listed();
  const chosen = result.devices.filter(({ id }) => options.device?.includes(id) ?? true);
  for (const id of options.device ?? []) {
    if (!chosen.some((device) => device.id === id))
      failed.push({ step: 'devices', message: `there is no device ${id}` });
  }
  const ids = chosen.map(({ id }) => id);
  const quick = options.quick ? ['--quick'] : [];
  await each(ids, 'check', quick, 600);
  await each(ids, 'bench', quick, 600);
  const gpus = chosen.filter(
    ({ id, type }) => type === 'gpu' || (options.device !== undefined && id !== 'cpu'),
  );
  await times(gpus.map(({ id }) => id));
}

function print() {
  result.failed = failed;
  result.ok = failed.length === 0;
  result.seconds = Math.round((Date.now() - start) / 1000);
  writeFileSync(1, `${JSON.stringify(result, undefined, 1)}\n`);
}

// What is known by then is told; the step that runs is ended on the way out.
for (const [signal, status] of Object.entries({ SIGTERM: 143, SIGINT: 130 })) {
  process.on(signal, () => {
    failed.push({ step: 'run', message: `ended by ${signal}` });
    print();
    process.exit(status);
  });
}

try {
  await all();
} catch (error) {
  failed.push({ step: 'run', message: error.message, stderr: error.stack });
}
print();
process.exitCode = result.ok ? 0 : 1;
