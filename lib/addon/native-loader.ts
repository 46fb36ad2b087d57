import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import nodeGypBuild from 'node-gyp-build';
import { packageFolder } from '../base/package-folder';

/** What the addon has to fit. */
export interface AddonPlatform {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** `'glibc 2.36'`, `'musl'`, or `'none'` outside Linux. */
  readonly libc: string;
  readonly node: string;
  /** `NODE_MODULE_VERSION`. */
  readonly abi: string;
  readonly napi: string;
}

/** Thrown where no addon fits this machine, or the one that seemed to cannot be loaded. */
export class AddonNotFoundError extends Error {
  readonly code = 'ERR_ADDON_NOT_FOUND';
  /** The command that builds the addon here. */
  readonly fix = 'npx thalweg build';

  constructor(
    message: string,
    readonly platform: AddonPlatform,
    readonly lookedFor: readonly string[],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AddonNotFoundError';
  }
}

function libcOfThisProcess(): string {
  if (process.platform !== 'linux') return 'none';
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const version = report.header?.glibcVersionRuntime;
  return version === undefined ? 'musl' : `glibc ${version}`;
}

/** What this process runs on. */
export function addonPlatform(): AddonPlatform {
  return {
    platform: process.platform,
    arch: process.arch,
    libc: libcOfThisProcess(),
    node: process.versions.node,
    abi: process.versions.modules,
    napi: process.versions.napi ?? 'unknown',
  };
}

/** Every prebuilt addon that the package carries, relative to it. */
function carriedPrebuilds(): string[] {
  try {
    const files = readdirSync(path.join(packageFolder, 'prebuilds'), { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.node')).map((file) => path.posix.join('prebuilds', file));
  } catch {
    return [];
  }
}

function candidates({ platform, arch, libc }: AddonPlatform): string[] {
  const tag = libc === 'none' ? '' : `.${libc.split(' ')[0] ?? ''}`;
  const prebuilt = `prebuilds/${platform}-${arch}/thalweg${tag}.node`;
  // node-gyp-build's own switch, by which the prebuilt binary is tested in a checkout.
  return process.env.PREBUILDS_ONLY ? [prebuilt] : ['build/Release/thalweg.node', prebuilt];
}

function describe(platform: AddonPlatform): string {
  const { arch, libc, node, abi, napi } = platform;
  const system = libc === 'none' ? platform.platform : `${platform.platform} with ${libc}`;
  return `${system} on ${arch}, Node ${node} (ABI ${abi}, N-API ${napi})`;
}

/** Whether this is no longer a file of the package: a bundler has put it into one of its own. */
function isBundled(): boolean {
  try {
    const manifest = readFileSync(path.join(packageFolder, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { name?: string }).name !== 'thalweg';
  } catch {
    return true;
  }
}

/** The addon stays behind where the code around it is bundled. */
function bundled(cause: unknown): AddonNotFoundError {
  const lines = [
    'thalweg was bundled, and its compiled addon was not: a bundle holds no addons.',
    'Name thalweg as external, so that it is loaded from node_modules: esbuild --external:thalweg,',
    "webpack externals: { thalweg: 'commonjs thalweg' }, Next.js serverExternalPackages: ['thalweg'].",
    'To predict alone, import thalweg/model, which needs no addon and can be bundled.',
  ];
  return new AddonNotFoundError(lines.join('\n'), addonPlatform(), [], { cause });
}

function notFound(failure: string, cause: unknown): AddonNotFoundError {
  if (isBundled()) return bundled(cause);
  const platform = addonPlatform();
  const lookedFor = candidates(platform);
  const carried = carriedPrebuilds();
  const lines = [
    `thalweg has no compiled addon for this machine: ${describe(platform)}.`,
    `Looked in ${packageFolder} for ${lookedFor.join(' and ')}; the package carries ${carried.join(', ') || 'none'}.`,
    ...(failure === '' ? [] : [failure]),
    'To build it here, with a C++20 compiler, make and Python 3: npx thalweg build',
  ];
  return new AddonNotFoundError(lines.join('\n'), platform, lookedFor, { cause });
}

/** The file that is loaded, relative to the package. */
export function addonFile(): string {
  return path.relative(packageFolder, nodeGypBuild.path(packageFolder));
}

/**
 * Loads the compiled addon: a build in the package folder first, then the prebuilt one for this platform.
 *
 * @throws AddonNotFoundError naming the platform, what was looked for and the command that builds it.
 */
export function loadAddon(): unknown {
  let file: string;
  try {
    file = nodeGypBuild.path(packageFolder);
  } catch (error) {
    throw notFound('', error);
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
    return require(file) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw notFound(`${path.relative(packageFolder, file)} was found and cannot be loaded: ${reason}`, error);
  }
}
