#!/usr/bin/env node
import { CommanderError } from 'commander';
import { createProgram } from './program';
import { reportFailure, reportWrongUsage } from './terminal/failure';
import { isFirstRank, letFirstSpeak } from './terminal/first-rank';
import { allSaid } from './terminal/standard-output';

async function main(): Promise<void> {
  endQuietlyWithTheReader();
  goOnUnheard();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    // What is no failure is help or the version, which was asked for.
    if (error.exitCode !== 0) {
      process.exitCode = reportWrongUsage(error, { json: isFirstRank() && asksForJson() });
      await letFirstSpeak();
    }
  }
  try {
    await allSaid();
  } catch (error) {
    process.exitCode = reportFailure(error, { json: false });
  }
}

/** Whether answers are to be JSON, of a command line that could not be parsed. */
function asksForJson(): boolean {
  const args = process.argv.slice(2);
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

/** `thalweg predict … | head` closes the pipe while there is still something to say. */
function endQuietlyWithTheReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
    process.exit();
  });
}

/** Work goes on where standard error takes nothing, as on a disk that is full: what it yields is elsewhere. */
function goOnUnheard(): void {
  process.stderr.on('error', () => undefined);
}

void main();
