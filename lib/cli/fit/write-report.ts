import { openOutputFile, writeWhole } from '../../base/output-file';
import { reportHtml } from '../../reports';
import type { Context } from '../terminal/context';
import { fitNotes, sentence } from './fit-notes';
import type { FitOptions } from './fit-options';
import { reportData } from './report-data';
import type { Fitted } from './train';

/** Writes the page about a fit. @throws ThalwegError `ERR_FILE` where it cannot be drawn or written */
export async function writeReport(
  file: string,
  fitted: Fitted,
  options: FitOptions,
  { signal }: Context,
): Promise<void> {
  const notes = [...fitted.source.notes, ...fitNotes(fitted, options)].map(sentence);
  const page = await reportHtml(reportData(fitted, options, notes));
  signal.throwIfAborted();
  await writeWhole(() => openOutputFile(file, signal), page);
}
