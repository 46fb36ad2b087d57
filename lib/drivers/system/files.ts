import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { environment } from '../../base/environment';

/** Where a file of the system is looked for: under THALWEG_SYSTEM_ROOT where that is set. */
export function systemPath(file: string): string {
  return path.join(environment().systemRoot ?? '/', file);
}

/** A text file of the system without the space around it; undefined where it cannot be read. */
export async function systemText(file: string): Promise<string | undefined> {
  const text = await readFile(systemPath(file), 'utf8').catch(() => undefined);
  return text?.trim();
}

/** The names in a folder of the system, sorted; undefined where it cannot be listed. */
export async function systemFolder(folder: string): Promise<string[] | undefined> {
  const names = await readdir(systemPath(folder)).catch(() => undefined);
  return names?.sort();
}
