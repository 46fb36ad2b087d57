import { writeWhole } from '../../base/output-file';
import { ThalwegError } from '../../base/errors';
import { exportFormatOf, exported } from '../../model-files/exports';
import type { ExportFormat } from '../../model-files/exports/formats';
import { readModel } from '../../model-files/model-file';
import type { Context } from '../terminal/context';
import { isStandardOutput, openOutput, requireOutput } from '../terminal/output';

/** What `thalweg export` can be given besides the model. */
export interface ExportOptions {
  readonly to?: ExportFormat;
  readonly output?: string;
  readonly quiet?: boolean;
}

/** Writes a model in a format that others read. */
export async function exportModel(
  file: string,
  { to, output }: ExportOptions,
  context: Context,
): Promise<number> {
  const isPrinted = output === undefined || isStandardOutput(output);
  const format = to ?? (isPrinted ? undefined : exportFormatOf(output));
  if (format === undefined)
    throw refused('to', 'Say as what with --to, or give --output a file whose ending does.');
  if (isPrinted && (format === 'onnx' || format === 'safetensors'))
    throw refused('output', `${format} is no text to print. Give --output a file.`);
  if (output !== undefined) await requireOutput(output, [file]);
  const text = exported(await readModel(file), format, output);
  await writeWhole(() => openOutput(output, context.signal), text);
  return 0;
}

function refused(option: string, message: string): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
}
