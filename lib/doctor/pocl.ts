import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Finding, warning } from './finding';

/** Where PoCL keeps what it compiles, by its own rules. */
function cacheFolder(): string {
  const { POCL_CACHE_DIR: named, XDG_CACHE_HOME: caches, HOME: home } = process.env;
  if (named) return path.resolve(named);
  if (caches) return path.join(caches, 'pocl');
  return home ? path.join(home, '.cache', 'pocl') : '/tmp/pocl';
}

/** Why nothing can be written into a folder that may still have to be made; undefined where it can. */
async function notWritable(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      if (!(await stat(at)).isDirectory()) return `${at} is no folder`;
      await access(at, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EROFS') return `${at} is on a read-only file system`;
      if (code === 'EACCES' || code === 'EPERM') return `you may not write ${at}`;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return `${at}: ${String(code)}`;
      if (at === path.dirname(at)) return undefined;
    }
  }
}

/**
 * What OpenCL was found to be, with PoCL's own reason where it cannot keep what it compiles: it then lists no device, or one
 * that compiles nothing, and says nothing of it.
 */
export async function withPoclCache(findings: readonly Finding[]): Promise<Finding[]> {
  const isPocl = ({ what }: Finding): boolean => what.includes('Portable Computing Language');
  const why = findings.some(isPocl) ? await notWritable(cacheFolder()) : undefined;
  if (why === undefined) return [...findings];
  const others = findings.filter((finding) => finding.code !== 'OPENCL_NO_DEVICES' || !isPocl(finding));
  return [
    ...others,
    warning(
      'POCL_CACHE_UNUSABLE',
      `PoCL, OpenCL on the CPU, does not work, since it cannot keep what it compiles in ${cacheFolder()}: ${why}.`,
      'Name a folder of your own with POCL_CACHE_DIR.',
    ),
  ];
}
