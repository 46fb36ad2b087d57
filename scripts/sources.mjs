/**
 * The C++ and OpenCL C files of the checkout, for the formatter and the checks.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './tools.mjs';

const folders = ['native', 'kernels', 'test', 'bench'];
const extensions = ['.cc', '.h', '.cl'];

function filesUnder(folder) {
  return readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file));
}

export function isNative(file) {
  return folders.includes(file.split(path.sep)[0]) && extensions.includes(path.extname(file));
}

export function nativeFiles() {
  return folders
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap(filesUnder)
    .filter(isNative)
    .sort();
}
