import { type SvmlightFiles, openSvmlight } from '../../tables/svmlight/read';
import { type Context, note } from './context';
import type { DataSource } from './data-options';
import { progress } from './progress';

/**
 * Opens SVMlight files for as long as `body` takes, with a bar while they are read.
 *
 * @param doing what the bar is called
 * @throws ThalwegError as `openSvmlight`
 */
export async function withSvmlight<Result>(
  { data, options }: DataSource,
  doing: string,
  context: Context,
  body: (files: SvmlightFiles) => Promise<Result>,
): Promise<Result> {
  const bar = progress(context, doing, 100);
  const onProgress = (percent: number): void => {
    bar.update(Math.round(percent));
  };
  const files = await openSvmlight(data, options, { signal: context.signal, onProgress });
  note(
    context,
    files.notes.map(({ text }) => text),
  );
  try {
    return await body(files);
  } finally {
    bar.stop();
    files.close();
  }
}
