import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, output, root } from './support';

/** Packs the package once for all suites, as `npm publish` would, prebuilt binary included. */
export default function setUp(): void {
  const folder = path.join(root, 'build', 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  output('npm', ['pack', '--pack-destination', folder], { env: cleanEnvironment() });
  const [tarball, ...others] = readdirSync(folder);
  if (tarball === undefined || others.length > 0)
    throw new Error(`npm pack left ${String(others.length + 1)} files`);
  process.env.THALWEG_TEST_TARBALL = path.join(folder, tarball);
}
