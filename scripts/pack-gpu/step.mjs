/**
 * One step of scripts/pack-gpu/run.mjs: a program in a process of its own, which may fail, crash or hang and takes nothing
 * else along.
 */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const mostOutput = 1 << 26;
const keptComplaints = 4000;

/** @returns { status, signal, timedOut, stdout, stderr, seconds }; of a program that does not start, `stderr` says why */
export function run(program, args, { env, seconds }) {
  return new Promise((resolve) => {
    const start = performance.now();
    // A group of its own, so that a timeout ends what it has started as well.
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let [stdout, stderr, timedOut] = ['', '', false];
    const endAll = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      endAll();
    }, seconds * 1000);
    process.once('exit', endAll);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (stdout.length < mostOutput) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr = `${stderr}${text}`.slice(-keptComplaints);
    });
    let settled = false;
    const done = (status, signal) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      process.removeListener('exit', endAll);
      resolve({ status, signal, timedOut, stdout, stderr, seconds: (performance.now() - start) / 1000 });
    };
    child.on('error', (error) => {
      stderr = error.message;
      done(null, null);
    });
    child.on('close', done);
  });
}

/** What a process that failed had to say, for the list of failures. */
function failureOf({ status, signal, timedOut, stderr }, answer, seconds) {
  const how = timedOut
    ? `not done after ${seconds} seconds`
    : signal === null
      ? `exit status ${String(status)}`
      : `ended by ${signal}`;
  // What the doctor found wrong, what of a measurement failed, or which cases of a check did.
  const problems = answer?.findings?.filter(({ level }) => level === 'problem').map(({ what }) => what);
  const cases = answer?.devices?.flatMap(({ groups }) => groups ?? []).flatMap(({ failures }) => failures);
  const parts = Object.entries(answer?.failed ?? {}).map(([name, why]) => `${name}: ${why.message ?? why}`);
  const { code, message = (problems ?? [...parts, ...(cases ?? []).map(({ what }) => what)]).join('\n') } =
    answer?.error ?? {};
  return { ...(code && { code }), message: message || how, how, stderr: stderr.trim() };
}

/** Runs a program that prints JSON. @returns { answer?, failure?, seconds } */
export async function ask(program, args, { env, seconds }) {
  const finished = await run(program, args, { env, seconds });
  let answer;
  try {
    answer = JSON.parse(finished.stdout);
  } catch {
    answer = undefined;
  }
  const failed = finished.status !== 0 || answer === undefined;
  return {
    ...(answer !== undefined && { answer }),
    ...(failed && { failure: failureOf(finished, answer, seconds) }),
    seconds: Number(finished.seconds.toFixed(1)),
  };
}
