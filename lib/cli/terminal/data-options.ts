import { type Command, InvalidArgumentError, Option } from 'commander';
import { type SourceOptions, formatNames } from '../../tables/files/source-options';
import { startDuckDB } from '../../tables/files/database';
import { areSvmlight, pathsOf } from '../../tables/files/inputs';
import { openSource } from '../../tables/files/open-source';
import type { Source } from '../../tables/files/source';
import { type Context, note } from './context';
import { integer } from './options';
import { type Progress, progress } from './progress';

/** The options of a data source as commander has them: those that were given. */
export type DataOptions = SourceOptions;

/** What the argument of data is. */
export const DATA =
  'files, globs or addresses: .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .arrow, .feather, .svm, with .gz or .zst after it; - with --format';

/** One character, which may be given by name. */
function character(names: Readonly<Record<string, string>>): (text: string) => string {
  return (text) => {
    const found = names[text.toLowerCase()] ?? text;
    const isNamed = Object.hasOwn(names, text.toLowerCase());
    if (!isNamed && (found.length !== 1 || found.charCodeAt(0) > 0x7e || /[\0\r\n]/.test(found)))
      throw new InvalidArgumentError(
        `It must be one ASCII character, or one of ${Object.keys(names).join(', ')}.`,
      );
    return found;
  };
}

function encoding(text: string): string {
  try {
    new TextDecoder(text.replace(/^latin-1$/i, 'latin1').replace(/^utf-?16$/i, 'utf-16le'));
    return text;
  } catch {
    throw new InvalidArgumentError('It must be an encoding such as utf-8, utf-16, latin-1 or windows-1252.');
  }
}

/** Adds DATA… and how it is read to a command. */
export function addDataOptions(command: Command): Command {
  return command
    .argument('[data...]', DATA)
    .addOption(
      new Option('--format <name>', 'what the data are, whatever their names end in').choices(formatNames),
    )
    .option(
      '--delimiter <c>',
      'what stands between values (default: found in the file)',
      character({ tab: '\t', '\\t': '\t', space: ' ', comma: ',', semicolon: ';' }),
    )
    .option('--quote <c>', 'what stands around values, or none (default: ")', character({ none: '', '': '' }))
    .option('--comment <c>', 'lines that begin with it are no data', character({ none: '' }))
    .option('--skip <n>', 'how many lines come before the one of names', integer(0, 1_000_000))
    .addOption(new Option('--decimal <c>', 'the decimal mark of numbers').choices(['.', ',']))
    .option(
      '--encoding <name>',
      'of text: utf-8, utf-16, latin-1, windows-1252, … (default: found)',
      encoding,
    )
    .option('--database <file>', 'a DuckDB or SQLite file to take the data from, with --sql')
    .option('--sql <select>', 'what to take from it')
    .option('--allow-network', 'take http and https addresses as data, too');
}

/** Those of a command's options that say how data are read; ends in wrong usage where there are no data. */
export function sourceOptions(
  data: readonly string[],
  options: DataOptions,
  command: Command,
): SourceOptions {
  const { sql, database } = options;
  if ((sql === undefined) !== (database === undefined))
    command.error("error: --sql and --database go together, as in --sql 'SELECT * FROM t' --database FILE.");
  if (sql !== undefined && data.length > 0)
    command.error(`error: with --sql the data come from --database. Leave ${data.join(' ')} out.`);
  if (sql === undefined && data.length === 0) command.error("error: missing required argument 'data'");
  if (options.decimal !== undefined && options.decimal === options.delimiter)
    command.error(`error: --decimal and --delimiter are both "${options.decimal}".`);
  if (data.filter((one) => one === '-').length > 1)
    command.error('error: standard input can be read once. Give - once.');
  if (data.includes('-') && options.format === undefined)
    command.error('error: what standard input holds has to be said, as in --format csv.');
  return options;
}

/** Ends in wrong usage where a table is to be learned from and nothing says what; an SVMlight file has a label for that. */
export function requireTarget(
  { data, options }: DataSource,
  { target }: { readonly target?: string },
  command: Command,
): void {
  if (target !== undefined || areSvmlight(data, options)) return;
  command.error("error: required option '-t, --target <column>' not specified");
}

/** What DATA and its options say. */
export interface DataSource {
  readonly data: readonly string[];
  readonly options: SourceOptions;
}

/** The files that are read, those that globs match among them. */
export async function filesGiven({ data, options: { database } }: DataSource): Promise<readonly string[]> {
  return database === undefined ? await pathsOf(data) : [database];
}

/** Has what reads the data of a command start up, while the modules of the command are loaded. */
export function startReading({ data, options }: DataSource): void {
  if (!areSvmlight(data, options)) startDuckDB();
}

/** Opens the data of a command, and says what was guessed about them. */
export async function openData({ data, options }: DataSource, context: Context): Promise<Source> {
  let bar: Progress | undefined;
  const onProgress = (percent: number): void => {
    bar ??= progress(context, 'Loading', 100);
    bar.update(Math.round(percent));
  };
  const source = await openSource(data, options, { signal: context.signal, onProgress }).finally(() => {
    bar?.stop();
  });
  note(
    context,
    source.notes.map(({ text }) => text),
  );
  return source;
}
