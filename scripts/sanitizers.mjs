/**
 * The sanitizers that the addon can be built with, and where such a build lies.
 */
import path from 'node:path';
import { root } from './tools.mjs';

/** What -fsanitize= is given. Address and undefined go together in one build; thread goes with neither. */
export const sanitizers = ['address', 'undefined', 'address,undefined', 'thread'];

/** Holds build/Debug/thalweg.node of that kind; THALWEG_PREBUILD names it to the loader. */
export function sanitizedFolder(kind) {
  return path.join(root, 'build', 'sanitized', kind);
}
