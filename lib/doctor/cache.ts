import { environment } from '../base/environment';
import { addon } from '../addon/native';
import { type Finding, ok, warning } from './finding';

const ours = /^([0-9a-f]{32}\.code|tuning-(cpu|hip|opencl)-[0-9a-f]{16}\.json)$/;

/** Names of what is ignored, at most so many. */
const named = 3;

/** Whether compiled kernels and measurements can be kept, and are believed. */
export async function cacheFinding(): Promise<Finding> {
  const { cacheFolder: folder } = environment();
  if (folder === undefined)
    return ok(
      'CACHE_OFF',
      'Compiled kernels and measurements are not kept: THALWEG_CACHE is off, or HOME unset.',
    );
  const { kind, why = '', notWritable, untrusted } = await addon().inspectFolder(folder, false);
  if (kind === 'unsafe') {
    return warning(
      'CACHE_UNSAFE',
      `Nothing in the cache folder is used, since another user could have put it there: ${why}.`,
      `ls -ld ${quoted(folder)}  # whose it is; delete it where nobody else needs it: rm -r ${quoted(folder)}`,
      'Or name a folder of your own with THALWEG_CACHE.',
    );
  }
  const reason = kind === 'failed' ? why : notWritable;
  if (reason !== undefined) {
    return warning(
      'CACHE_UNUSABLE',
      `The cache folder ${folder} cannot be written, so that kernels are compiled anew each time: ${reason}.`,
      'Name a folder of your own with THALWEG_CACHE.',
    );
  }
  const ignored = untrusted.filter((name) => ours.test(name));
  if (ignored.length > 0) {
    const names = ignored.slice(0, named).join(', ') + (ignored.length > named ? ', …' : '');
    return warning(
      'CACHE_UNSAFE',
      `In the cache folder ${folder} what another user may have written is ignored: ${names}.`,
      `rm -r ${quoted(folder)}  # it is made anew`,
    );
  }
  const made = kind === 'absent' ? ', which is made when it is needed' : '';
  return ok('CACHE_READY', `Compiled kernels and measurements are kept in ${folder}${made}.`);
}

/** As a shell takes it for one word. */
function quoted(file: string): string {
  return `'${file.replaceAll("'", "'\\''")}'`;
}
