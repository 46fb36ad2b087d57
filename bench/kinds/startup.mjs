import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../harness/race.mjs';

const child = fileURLToPath(new URL('../children/startup.cjs', import.meta.url));

/** What a program waits for before it can begin. */
export async function measure(one, context) {
  context.say(`${one.id}: ${one.processes} processes…`);
  const answers = [];
  for (let index = 0; index <= one.processes; index += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [child]);
    // The first finds the files on the disk.
    if (index > 0) answers.push(JSON.parse(stdout));
  }
  const middle = (name) => median(answers.map((answer) => answer[name]));
  const values = {
    requireMilliseconds: middle('requireMilliseconds'),
    devicesMilliseconds: middle('devicesMilliseconds'),
  };
  return [{ title: `${answers[0].devices} devices`, contenders: {}, values }];
}
