import type { CommanderError } from 'commander';
import { ThalwegError } from '../../base/errors';
import { type Context, complain, printJson } from './context';
import { colorsFor } from './format';
import { Interrupted } from './interrupt';
import { optionNamed } from './options';
import { suggesting } from './suggestions';

const colors = colorsFor(process.stderr);

/**
 * Says what failed: a ThalwegError by its message and code, anything else, which is a fault of ours, with its stack.
 *
 * @returns The exit code.
 */
export function reportFailure(error: unknown, { json }: Pick<Context, 'json'>): number {
  if (error instanceof Interrupted) {
    // Not after what was said before, for which there may be no reader.
    process.stderr.write('Stopped; nothing was written.\n');
    return error.exitCode;
  }
  if (error instanceof ThalwegError) {
    // Lines that follow are set in, so that none of a message can pass for one of its own.
    const [first = '', ...rest] = asTyped(error).split('\n');
    complain([`${colors.red(`thalweg: ${error.code}:`)} ${first}`, ...rest.map((line) => `  ${line}`)]);
    if (error.log !== undefined) complain(logLines(error.log));
  } else {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain([
      `${colors.red('thalweg:')} an error that should not happen; please report it.`,
      ...detail.split('\n'),
    ]);
  }
  if (json) {
    printJson({ error: errorObject(error) });
  }
  return 1;
}

const WRONG_USAGE = 2;

/**
 * Gives as JSON what the parser has said of a wrong usage on standard error.
 *
 * @returns The exit code.
 */
export function reportWrongUsage({ message }: CommanderError, { json }: Pick<Context, 'json'>): number {
  if (json) {
    const text = suggesting(message)
      .replace(/^error: /, '')
      .trim();
    printJson({ error: { code: 'ERR_INVALID_ARGUMENT', message: text } });
  }
  return WRONG_USAGE;
}

/** What a compiler said, whose tabs stand before the code that it shows. */
function logLines(log: string): string[] {
  return log.trimEnd().replaceAll('\t', '    ').split(/\r?\n/);
}

/** The library's names of options as the command line has them. */
function asTyped({ message, option }: ThalwegError): string {
  const told = option === 'id' ? message.replace(/^id\b/, '--device') : message;
  return told
    .replace(/^(?:folds|optimizer)\b/, (name) => `--${name}`)
    .replaceAll(
      /\b(?:learningRate|batchSize|averageEvery|hsaOverride)\b/g,
      (name) => `--${optionNamed(name)}`,
    );
}

/** The library's name of an option, or of an argument, as the command line has it. */
function optionTyped(option: string): string {
  if (option === 'id') return 'device';
  return /^[a-z]+(?:[A-Z][a-z]+)+$/.test(option) ? optionNamed(option) : option;
}

function errorObject(error: unknown): object {
  if (!(error instanceof ThalwegError)) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  const places = Object.entries(error)
    .filter(([key]) => key !== 'name' && key !== 'code')
    .map(([key, value]): [string, unknown] => [key, key === 'option' ? optionTyped(String(value)) : value]);
  return { code: error.code, message: asTyped(error), ...Object.fromEntries(places) };
}
