import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('numpy_peer.py', import.meta.url));

/** NumPy in a process of its own, which answers one request at a time. */
export class Peer {
  #child;
  #answers;

  constructor(python) {
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => undefined);
    this.#child.stdin.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Rejects where the process has ended, as it does at once without NumPy. */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('NumPy’s process has ended');
    return JSON.parse(value);
  }

  close() {
    this.#child.stdin.end();
  }
}
