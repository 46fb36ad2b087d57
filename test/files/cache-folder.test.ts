import path from 'node:path';
import { environment } from '../../lib/base/environment';
import { withEnvironment } from '../support/each-device';

async function folderWith(cache: string, caches: string, home: string): Promise<string | undefined> {
  const variables = { THALWEG_CACHE: cache, XDG_CACHE_HOME: caches, HOME: home };
  return await withEnvironment(variables, () => Promise.resolve(environment().cacheFolder));
}

test.each([
  ['', '', '/home/me', '/home/me/.cache/thalweg'],
  ['', '/caches', '/home/me', '/caches/thalweg'],
  ['', 'caches', '/home/me', '/home/me/.cache/thalweg'],
  ['', '', 'me', undefined],
  ['', './caches', './me', undefined],
  ['', '', '', undefined],
  ['off', '/caches', '/home/me', undefined],
  ['/mine', '/caches', '/home/me', '/mine'],
  // A name that was meant for this.
  ['mine', '/caches', '/home/me', path.resolve('mine')],
])('THALWEG_CACHE=%s XDG_CACHE_HOME=%s HOME=%s: %s', async (cache, caches, home, folder) => {
  expect(await folderWith(cache, caches, home)).toBe(folder);
});
