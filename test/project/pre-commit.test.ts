import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');
const environment = { ...process.env, CI: '', GIT_CONFIG_GLOBAL: '/dev/null' };

/** A checkout of what the hook needs, in a folder of its own. */
class Checkout {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'thalweg-checkout-'));

  constructor() {
    for (const name of ['scripts', '.githooks', '.prettierrc', '.gitignore'])
      cpSync(path.join(root, name), path.join(this.folder, name), { recursive: true });
    writeFileSync(path.join(this.folder, 'package.json'), '{ "type": "commonjs" }\n');
    writeFileSync(
      path.join(this.folder, 'eslint.config.mjs'),
      "export default [{ rules: { eqeqeq: 'error' } }];\n",
    );
    symlinkSync(path.join(root, 'node_modules'), path.join(this.folder, 'node_modules'));
  }

  run(
    program: string,
    args: readonly string[],
    more: NodeJS.ProcessEnv = {},
  ): { status: number | null; said: string } {
    const env = { ...environment, ...more };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: this.folder, encoding: 'utf8', env });
    return { status, said: `${stdout}${stderr}` };
  }

  git(...args: string[]): string {
    const { status, said } = this.run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', ...args]);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${said}`);
    return said.trim();
  }

  /** What `npm install` does; where that goes well, nothing is said. */
  setUp(more: NodeJS.ProcessEnv = {}): string {
    const { status, said } = this.run(process.execPath, ['scripts/pre-commit.mjs', '--set-up'], more);
    return `${status === 0 ? '' : String(status)}${said}`;
  }

  get hooks(): string {
    return this.run('git', ['config', '--get', 'core.hooksPath']).said.trim();
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.folder, name), text);
  }

  commit(): { status: number | null; said: string } {
    return this.run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-qm', 'Try']);
  }
}

describe('the hook before a commit', () => {
  let checkout: Checkout;

  beforeEach(() => {
    checkout = new Checkout();
  });
  afterEach(() => {
    rmSync(checkout.folder, { recursive: true, force: true });
  });

  it('is set up in a checkout, and nowhere else', () => {
    expect(checkout.setUp()).toBe('');
    checkout.git('init', '-q');
    expect(checkout.setUp({ CI: 'true' })).toBe('');
    expect(checkout.hooks).toBe('');
    expect(checkout.setUp({ PATH: '/nowhere' })).toBe('');
    expect(checkout.hooks).toBe('');
    expect(checkout.setUp()).toBe('');
    expect(checkout.hooks).toBe('.githooks');
  });

  it('leaves a folder of hooks that is named already', () => {
    checkout.git('init', '-q');
    checkout.git('config', 'core.hooksPath', 'mine');
    checkout.setUp();
    expect(checkout.hooks).toBe('mine');
  });

  it('keeps what is staged and not formatted, or found by ESLint, from being committed', () => {
    checkout.git('init', '-q');
    checkout.setUp();
    checkout.write('good.js', 'export const a = 1;\n');
    checkout.write('unstaged.js', 'export   const b = 1\n');
    checkout.git('add', 'good.js');
    expect(checkout.commit()).toEqual({ status: 0, said: '' });

    checkout.write('good.js', 'export   const a = 2\n');
    checkout.git('add', 'good.js');
    const unformatted = checkout.commit();
    expect(unformatted.status).toBe(1);
    expect(unformatted.said).toContain('good.js');
    expect(unformatted.said).not.toContain('unstaged.js');

    checkout.write('good.js', 'export const a = 1 == 2;\n');
    checkout.git('add', 'good.js');
    const linted = checkout.commit();
    expect(linted.status).toBe(1);
    expect(linted.said).toContain('eqeqeq');
    checkout.git('commit', '-qm', 'Try', '--no-verify');
  });
});
