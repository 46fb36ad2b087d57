import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { positive } from '../../base/arguments';
import { environment } from '../../base/environment';
import { packageFolder } from '../../base/package-folder';
import type { Answer, CheckEvent, Failure, Message, Question, Stage } from './questions';

export type { CheckEvent, CheckQuestion, DriverBackend, Share, Trial } from './questions';

const DEFAULT_SECONDS = 60;
/** Milliseconds; a longer timer would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Drivers say much; what a crash says last is what counts. */
const KEPT_OUTPUT = 2000;

/** What became of a question. */
export type Outcome<Result> =
  | { readonly state: 'answered'; readonly answer: Result }
  | { readonly state: 'failed'; readonly failure: Failure }
  /** The process ended, by a signal or an exit code, before it answered. */
  | { readonly state: 'crashed'; readonly how: string; readonly stage: Stage; readonly output: string }
  | { readonly state: 'hung'; readonly seconds: number; readonly stage: Stage; readonly output: string };

/** The built file, also where the TypeScript sources run. */
const program = path.join(packageFolder, 'dist', 'doctor', 'self-test', 'process.js');

/**
 * Asks a question in a process of its own, which ends with the answer, so that this one survives whatever a driver does
 * and has not loaded it.
 *
 * @param variables Set there on top of this process's environment.
 * @param signal Ends that process; the promise then rejects with the signal's reason.
 * @param hear Is told of what it does on its way; as long as it does something, it does not hang.
 */
export async function probe<Q extends Question>(
  question: Q,
  variables: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
  hear?: (event: CheckEvent) => void,
): Promise<Outcome<Answer<Q>>> {
  signal?.throwIfAborted();
  const seconds = positive('THALWEG_PROBE_SECONDS', Number(environment().probeSeconds ?? DEFAULT_SECONDS));
  const child = fork(program, [JSON.stringify(question)], {
    // Not this process's options, which may be a debugger's port or a program.
    execArgv: [],
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // At once: the driver may hang in its exit handlers.
  const end = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  try {
    const outcome = await outcomeOf<Answer<Q>>(child, seconds, hear);
    signal?.throwIfAborted();
    return outcome;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

function outcomeOf<Result>(
  child: ChildProcess,
  seconds: number,
  hear: ((event: CheckEvent) => void) | undefined,
): Promise<Outcome<Result>> {
  let stage: Stage = 'starting';
  let said = '';
  const output = (): string => said.trim().slice(-KEPT_OUTPUT);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2 * KEPT_OUTPUT)));
  }
  return new Promise((resolve) => {
    const limit = setTimeout(
      () => {
        resolve({ state: 'hung', seconds, stage, output: output() });
      },
      Math.min(seconds * 1000, LONGEST_TIMER),
    );
    const settle = (outcome: Outcome<Result>): void => {
      clearTimeout(limit);
      resolve(outcome);
    };
    child.on('message', (message: Message) => {
      if ('stage' in message) stage = message.stage;
      else if ('event' in message) {
        limit.refresh();
        hear?.(message.event);
      } else if ('failure' in message) settle({ state: 'failed', failure: message.failure });
      else settle({ state: 'answered', answer: message.answer as Result });
    });
    child.on('error', (error) => {
      settle({ state: 'crashed', how: error.message, stage, output: output() });
    });
    // 'close', not 'exit': by then all of its messages and words are here.
    child.on('close', (code, signal) => {
      const how = signal ?? `exit code ${code ?? 'unknown'}`;
      settle({ state: 'crashed', how, stage, output: output() });
    });
  });
}
