import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { devices, versions } from 'thalweg';
import * as crossValidation from '../kinds/cross-validation.mjs';
import * as disk from '../kinds/disk.mjs';
import * as epochs from '../kinds/epochs.mjs';
import * as gram from '../kinds/gram.mjs';
import * as growth from '../kinds/growth.mjs';
import * as memory from '../kinds/memory.mjs';
import * as optimum from '../kinds/optimum.mjs';
import * as outputs from '../kinds/outputs.mjs';
import * as pass from '../kinds/pass.mjs';
import * as sparse from '../kinds/sparse.mjs';
import * as startup from '../kinds/startup.mjs';
import * as step from '../kinds/step.mjs';
import * as table from '../kinds/table.mjs';
import { SameData } from './data.mjs';
import { machine } from './machine.mjs';
import { Peers } from './peers.mjs';
import { ratios } from './ratios.mjs';
import { lines } from './table.mjs';

const kinds = {
  ...{ disk, pass, outputs, gram, optimum, growth, memory, sparse, startup, step, table },
  ...{ stochastic: epochs, 'mini-batch': epochs, 'cross-validation': crossValidation },
};

const say = (text) => process.stderr.write(`${text}\n`);

/** The device of a case: the one chosen, or the first of the case's own backend. */
function deviceChooser(found, chosen) {
  return (one) => {
    const device = found.find(({ id, backend }) =>
      one.device === undefined ? id === chosen : backend === one.device,
    );
    if (device === undefined) say(`${one.id}: there is no device ${one.device ?? chosen}`);
    return device;
  };
}

/**
 * Runs cases one after the other.
 *
 * @param settings { dtype, device, sizes?, mebibytes, peers?, python, rounds, secondsPerTurn, print }
 * @returns { machine, versions, devices, missing, failed, settings, results }; `failed` has a message by case
 */
export async function runCases(cases, settings) {
  const { rounds, secondsPerTurn, mebibytes, dtype, print } = settings;
  const about = machine();
  const found = await devices();
  const folder = await mkdtemp(path.join(tmpdir(), 'thalweg-bench-'));
  const peers = new Peers({ python: settings.python, build: folder, chosen: settings.peers }, say);
  const context = {
    data: new SameData(folder),
    peers,
    deviceFor: deviceChooser(found, settings.device),
    sizes: (one) => settings.sizes ?? one.sizes,
    ...{ rounds, secondsPerTurn, mebibytes, dtype, say },
  };
  const results = [];
  const failed = {};
  print(`${about.processor}, ${about.cores} cores; Node ${about.node}; commit ${about.commit ?? 'unknown'}`);
  if (about.loadBefore > 0.5) {
    print(`The machine was not idle before (load ${about.loadBefore.toFixed(1)}): figures are rough.`);
  }
  try {
    for (const one of cases) {
      print(`\n${one.what} (${one.id})`);
      if (one.dtypes?.includes(dtype) === false) {
        print(`  not in ${dtype}`);
        continue;
      }
      try {
        for (const result of await kinds[one.kind].measure(one, context)) {
          const complete = { case: one.id, what: one.what, ...result, ratios: ratios(one, result) };
          results.push(complete);
          print([`  ${result.title}`, ...lines(complete)].join('\n'));
        }
      } catch (error) {
        // What was measured before is not to be lost; the script ends with status 1.
        failed[one.id] = error.message;
        say(`${one.id} FAILED: ${error.stack}`);
      }
    }
  } finally {
    peers.close();
    await rm(folder, { recursive: true });
  }
  return {
    machine: about,
    versions: { ...(await versions()), peers: peers.versions },
    devices: found,
    missing: peers.missing,
    failed,
    settings: { dtype, mebibytes, rounds, secondsPerTurn },
    results,
  };
}
