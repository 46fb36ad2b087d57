import { lazily } from '../../base/lazily';
import { areSvmlight } from '../../tables/files/inputs';
import type { Ranks } from '../../mpi/world';
import type { Context } from '../terminal/context';
import { type DataSource, openData } from '../terminal/data-options';
import type { FitOptions } from './fit-options';
import { type Prepared, prepare, settled } from './prepare';
import type * as Svmlight from './svmlight-source';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const svmlight = lazily(() => require('./svmlight-source') as typeof Svmlight);

/** How data are read for a fit. */
interface Preparing {
  /** Columns of a model that is begun at. */
  readonly known?: readonly string[] | undefined;
  /** Those that divide the rows. */
  readonly ranks?: Ranks | undefined;
}

/**
 * Reads data for what is to be known of them before a device is opened, and holds them for as long as `body` takes.
 *
 * @throws ThalwegError as `prepare`, and as data are opened
 */
export async function withPrepared<Result>(
  from: DataSource,
  options: FitOptions,
  context: Context,
  { known, ranks }: Preparing,
  body: (prepared: Prepared) => Promise<Result>,
): Promise<Result> {
  if (areSvmlight(from.data, from.options))
    return await body(await settled(await svmlight().svmlightFit(from, options, context), options));
  const source = await openData(from, context);
  try {
    return await body(await prepare(source, options, known, ranks));
  } finally {
    source.database.close();
  }
}
