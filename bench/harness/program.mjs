import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** A peer of which each answer is a process of its own, from its start to its end. */
export class Program {
  #name;
  #program;
  #args;
  #env;

  constructor(name, program, args, env = {}) {
    this.#name = name;
    this.#program = program;
    this.#args = args;
    this.#env = { ...process.env, ...env };
  }

  /** What it prints last, as JSON, and the seconds that all of it took. */
  async ask(request) {
    return await timed(this.#name, this.#program, [...this.#args, JSON.stringify(request)], this.#env);
  }

  close() {}
}

/** Runs a program that prints a JSON object, and gives it with the seconds that the process took. */
export async function timed(name, program, args, env = process.env) {
  const begun = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'])
    child[stream].setEncoding('utf8').on('data', (text) => (texts[stream] += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const seconds = (performance.now() - begun) / 1000;
  if (code !== 0) throw new Error(`${name} has ended with ${code}: ${texts.stderr.trim().slice(-2000)}`);
  return { ...JSON.parse(texts.stdout), seconds };
}
