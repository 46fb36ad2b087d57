import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import { forked } from '../support/forked';
import { program } from '../hip/emulator';

const root = path.join(__dirname, '..', '..');

/** What a script says, run by this Node. */
function said(...script: string[]): string {
  return execFileSync(process.execPath, script, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
}

/** ROCm's own runtime, which needs no GPU to be loaded and to compile. */
const library = said('scripts/system-packages.mjs', '--path', 'hip-runtime').trim();

interface Program {
  readonly dtype: string;
  readonly files: readonly string[];
  readonly defines: readonly string[];
}

/** Every program that the addon may compile for an AMD GPU, as it lists them itself. */
function programs(): Program[] {
  const list = `
    import { programsFor } from './scripts/kernels.mjs';
    const device = { shape: 'wide', groupSize: 1024, localBytes: 65536, float64: true };
    console.log(JSON.stringify(programsFor(device)));`;
  return JSON.parse(said('--input-type=module', '-e', list)) as Program[];
}

function text(file: string): string {
  return readFileSync(path.join(root, 'kernels', file), 'utf8');
}

/** What a process says of the requests that it is sent: a line each, and errors. */
async function answersTo(command: string, requests: readonly string[]): Promise<[string, string]> {
  const child = spawn(command, [library]);
  child.stdin.end(requests.join(''));
  return await Promise.all([allOf(child.stdout), allOf(child.stderr)]);
}

describe("ROCm's runtime", () => {
  it('without a GPU lists none, and says so', async () => {
    const ending = await forked(program('train.cjs'), [], {
      THALWEG_HIP_LIBRARY: library,
      ROCR_VISIBLE_DEVICES: '-1',
      HIP_VISIBLE_DEVICES: '-1',
    });
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { code, message } = JSON.parse(ending.stdout) as { code: string; message: string };
    expect(code).toBe('ERR_DEVICE_NOT_FOUND');
    expect(message).toContain(`The HIP runtime ${library} sees no GPU`);
  });

  it.each(['gfx1030', 'gfx90a'])(
    'compiles every kernel for %s',
    async (target) => {
      const all = programs();
      expect(all.length).toBeGreaterThan(10);
      const requests = all.map(({ dtype, files, defines }, index) => {
        const source = ['math/prelude.hip.h', ...files].map(text).join('');
        const options = [`--offload-arch=${target}`, '-O3', '-ffp-contract=off', '-Wno-unused'];
        options.push(...defines.map((define) => `-D${define}`));
        const name = `${files.at(-1) ?? ''}-${dtype}-${index}`;
        return [`${name} ${options.length} ${Buffer.byteLength(source)}`, ...options, source].join('\n');
      });
      const compile = said('test/support/hiprtc/build.mjs');
      // A compiler takes one core.
      const processes = availableParallelism();
      const shares = Array.from({ length: processes }, (_, share) =>
        requests.filter((_request, index) => index % processes === share),
      );
      const answers = await Promise.all(shares.map((share) => answersTo(compile, share)));
      const results = answers.flatMap(([stdout]) =>
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      );
      expect(results.filter(([, status]) => status !== '0')).toEqual([]);
      expect(results.filter(([, , bytes]) => Number(bytes) < 1000)).toEqual([]);
      expect(results).toHaveLength(all.length);
      expect(answers.map(([, stderr]) => stderr).join('')).toBe('');
    },
    1_200_000,
  );
});
