/**
 * What sanitizers report: into files, since the errors of the programs that they watch are read and compared by tests.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findProgram, root } from './tools.mjs';

const folder = path.join(root, 'build', 'sanitized', 'reports');

/** Options for every sanitizer, so that all processes of a run leave their reports here. */
export function reportOptions() {
  const symbolizer = findProgram('addr2line');
  return [
    `log_path=${path.join(folder, 'report')}`,
    ...(symbolizer === undefined ? [] : [`external_symbolizer_path=${symbolizer}`, 'allow_addr2line=1']),
  ];
}

export function clearReports() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** Stacks that say where threads and memory came from, and not what happened. */
const background = /^\s*(Thread T|Location is|As if|Mutex)/;

/**
 * Whether a report of the thread sanitizer is on what the addon does: in one of the stacks the addon's is the innermost
 * frame but for those of the libraries below it. What Node does alone, be it in a call of the addon's, is reported in good
 * order too, since Node is compiled without the sanitizer.
 */
function isOurs(report) {
  const stacks = report.split(/\n\s*\n/).filter((stack) => !background.test(stack));
  return stacks.some((stack) => {
    const frames = stack.split('\n').filter((line) => /^\s*#\d+ /.test(line));
    return frames.find((frame) => !/\((libtsan|libstdc\+\+|libc)\.so/.test(frame))?.includes('(thalweg.node');
  });
}

/** The reports that count, each as its text. */
export function reportsFound() {
  const texts = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  return texts
    .flatMap((text) => text.split(/^={18,}$/m))
    .filter((part) =>
      part.includes('ThreadSanitizer') ? part.includes('WARNING:') && isOurs(part) : part.trim() !== '',
    );
}
