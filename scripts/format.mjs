/**
 * Formats everything in place: Prettier for what it knows, clang-format for C++ and kernels.
 */
import { nativeFiles } from './sources.mjs';
import { ensureTool } from './system-packages.mjs';
import { packageBin, runOrExit } from './tools.mjs';

runOrExit(process.execPath, [packageBin('prettier'), '--write', '--log-level', 'warn', '.']);
runOrExit(ensureTool('clang-format'), ['-i', ...nativeFiles()]);
