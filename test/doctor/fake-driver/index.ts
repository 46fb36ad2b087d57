import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The fake driver compiled; driver.cc says which variables it takes. */
export class FakeDriver {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'thalweg-driver-'));
  readonly library = path.join(this.#folder, 'libfake.so');
  #records = 0;

  constructor() {
    const source = path.join(__dirname, 'driver.cc');
    // Needed, though nothing here names its functions: the addon finds them through this library.
    const opencl = ['-Wl,--no-as-needed', '-l:libOpenCL.so.1'];
    const flags = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
    execFileSync(process.env['CXX'] ?? 'c++', [...flags, '-o', this.library, source, ...opencl]);
  }

  /** A file of its own for FAKE_DRIVER_RECORD. */
  newRecord(): string {
    this.#records += 1;
    return path.join(this.#folder, `record-${this.#records}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What processes that loaded the driver had of AMD's variables, in the order in which they loaded it. */
export function recorded(file: string): { pid: number; variables: string[] }[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [pid, ...variables] = line.split(' ');
      return { pid: Number(pid), variables: variables.filter((text) => text !== '').sort() };
    });
}
