import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { output } from './support';

/** The packed package, by the global set-up. */
export function tarballPath(): string {
  const file = process.env.THALWEG_TEST_TARBALL;
  if (file === undefined) throw new Error('run these suites with: npm run test:package');
  return file;
}

/** What the tarball holds, relative to the package. */
export function packedFiles(): string[] {
  const lines = output('tar', ['-tzf', tarballPath()]).trim().split('\n');
  return lines.map((line) => line.replace(/^package\//, ''));
}

/** Calls back with the unpacked package in a temporary folder, which is removed afterwards. */
export function withUnpacked<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-unpacked-'));
  try {
    output('tar', ['-xzf', tarballPath(), '-C', folder]);
    return use(path.join(folder, 'package'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
