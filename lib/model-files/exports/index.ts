import { ThalwegError } from '../../base/errors';
import { lazily } from '../../base/lazily';
import type { ModelJSON } from '../../model/format';
import { type ExportFormat, exportFormats } from './formats';
import { javascriptOf } from './javascript';
import type * as Onnx from './onnx';
import { pmmlOf } from './pmml';
import { safetensorsOf } from './safetensors';
import { sqlOf } from './sql';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const onnx = lazily(() => require('./onnx') as typeof Onnx);

/**
 * The format that a file's ending asks for.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT where none does
 */
export function exportFormatOf(file: string): ExportFormat {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase();
  const found = exportFormats.find(
    (format) => format === ending || (format === 'js' && /^[cm]js$/.test(ending ?? '')),
  );
  if (found !== undefined) return found;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `${file} is of no format that a model is exported as; its ending must be ${exportFormats.map((name) => `.${name}`).join(', ')}`,
    { option: 'path', path: file },
  );
}

/**
 * A model in another language or format.
 *
 * @param file what it is written to, whose ending tells modules of JavaScript apart
 * @throws ThalwegError ERR_MODEL for what the format has no words for, and which column it is, if it is one
 */
export function exported(model: ModelJSON, format: ExportFormat, file = ''): string | Uint8Array {
  switch (format) {
    case 'onnx':
      return onnx().onnxOf(model);
    case 'safetensors':
      return safetensorsOf(model);
    case 'js':
      return javascriptOf(model, file.toLowerCase().endsWith('.cjs') ? 'commonjs' : 'module');
    case 'sql':
      return sqlOf(model);
    case 'pmml':
      return pmmlOf(model);
  }
}
