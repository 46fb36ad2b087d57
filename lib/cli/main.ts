#!/usr/bin/env node
import { CommanderError } from 'commander';
import { createProgram } from './program';

const WRONG_USAGE = 2;

async function main(): Promise<void> {
  endQuietlyWithTheReader();
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    process.exitCode = error.exitCode === 0 ? 0 : WRONG_USAGE;
  }
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

void main();
