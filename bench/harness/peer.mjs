import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A peer in a process of its own, which answers a line of JSON with a line of JSON. */
export class Peer {
  #child;
  #answers;
  #name;
  #complaints = '';

  constructor(name, program, args, env = {}) {
    this.#name = name;
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child.on('error', (error) => (this.#complaints = error.message));
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (text) => (this.#complaints = `${this.#complaints}${text}`.slice(-2000)));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Rejects where the process has ended, with what it had to say. */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.#name} has ended: ${this.#complaints.trim()}`);
    return JSON.parse(value);
  }

  close() {
    this.#child.stdin.end();
  }
}
