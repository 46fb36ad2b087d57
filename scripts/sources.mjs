/**
 * The C++ and OpenCL C files of the checkout, for the formatter and the checks.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './tools.mjs';

export function nativeFiles(extensions = ['.cc', '.h', '.cl']) {
  return ['native', 'kernels', 'test']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file)),
    )
    .filter((file) => extensions.includes(path.extname(file)))
    .sort();
}
