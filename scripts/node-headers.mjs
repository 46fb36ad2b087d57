/**
 * Finds the headers that came with this Node, so that node-gyp need not download them.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder for node-gyp's `nodedir`, or undefined where only the executable was installed. */
export function nodeHeadersFolder() {
  const prefix = path.resolve(process.execPath, '../..');
  const needed = ['include/node/node_api.h', 'include/node/common.gypi'];
  return needed.every((file) => existsSync(path.join(prefix, file))) ? prefix : undefined;
}

/** The environment under which node-gyp uses those headers, unless another `nodedir` was chosen. */
export function nodeGypEnvironment() {
  const folder = nodeHeadersFolder();
  if (folder === undefined || process.env.npm_config_nodedir !== undefined) return process.env;
  return { ...process.env, npm_config_nodedir: folder };
}
