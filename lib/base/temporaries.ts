import { unlinkSync } from 'node:fs';
import { lstat, opendir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { randomHex } from './random-hex';

// What a process that is killed leaves behind is one of these, and a later one knows it by its name. Compiled kernels
// are written under such names, too: native/private_folder.cc.

const pattern = /^\.thalweg-([1-9]\d{0,9})-[0-9a-f]{16}\.tmp$/;

/** Milliseconds without a change after which a temporary file of a process that is gone is removed. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/** A folder that holds more is nothing to look through before each file that is written. */
const mostEntries = 10_000;

/** Those of this process that are not whole yet. */
const unfinished = new Set<string>();
let removesAtExit = false;

/** A name for a file that becomes another's when it is whole; removed when the process exits, unless `settled` was called. */
export function temporaryIn(folder: string): string {
  const file = path.join(folder, `.thalweg-${process.pid}-${randomHex()}.tmp`);
  if (!removesAtExit) {
    removesAtExit = true;
    process.once('exit', removeUnfinished);
  }
  unfinished.add(file);
  return file;
}

/** The file was renamed, or removed. */
export function settled(temporary: string): void {
  unfinished.delete(temporary);
}

/** Removes what this process has begun to write, at once: for one that ends. */
export function removeUnfinished(): void {
  for (const file of unfinished) {
    try {
      unlinkSync(file);
    } catch {
      // It was never made, or has been renamed already.
    }
  }
  unfinished.clear();
}

/**
 * Removes temporary files that killed processes left in a folder: of this user, unchanged for a day, and of no process
 * that lives. Whatever keeps it from that is no error.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  try {
    let seen = 0;
    for await (const { name } of await opendir(folder)) {
      if ((seen += 1) > mostEntries) return;
      const process = pattern.exec(name)?.[1];
      if (process !== undefined) await removeIfAbandoned(path.join(folder, name), Number(process));
    }
  } catch {
    // A folder that cannot be read is no place of ours.
  }
}

async function removeIfAbandoned(file: string, pid: number): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.uid !== process.geteuid?.()) return;
  if (Date.now() - found.mtimeMs < abandonedAfter || lives(pid)) return;
  await unlink(file).catch(() => undefined);
}

/** Whether there is a process of that number; one of another user counts. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
