import type * as CliProgress from 'cli-progress';
import { lazily } from '../../base/lazily';
import type { Context } from './context';
import { number } from './format';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const bars = lazily(() => require('cli-progress') as typeof CliProgress);

/** A bar on standard error for one stretch of work. */
export interface Progress {
  readonly update: (done: number, loss?: number) => void;
  readonly stop: () => void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** A bar from 0 to `total`, where standard error is a terminal and nothing asked for silence. */
export function progress(context: Context, label: string, total: number, unit?: string): Progress {
  if (!process.stderr.isTTY || context.quiet || context.json) {
    return SILENT;
  }
  const bar = new (bars().SingleBar)({
    format: `${label.padEnd(9)} {bar} {percentage}%${unit === undefined ? '' : `  {value}/{total} ${unit}`}{loss}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
    stream: process.stderr,
  });
  bar.start(total, 0, { loss: '' });
  return {
    update: (done, loss) => {
      bar.update(done, loss === undefined ? {} : { loss: `  loss ${number(loss)}` });
    },
    stop: () => {
      bar.stop();
    },
  };
}
