import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Evaluation } from '../../metrics/evaluation';
import type { Learned } from '../../model/learned';
import { rowsThat } from '../../rows/chosen';
import { rowsAt } from '../../rows/part';
import type { RowSource } from '../../rows/row-source';
import { vectorRows } from '../../rows/rows';
import { scaling } from '../../tables/encoder/encoding';
import { type Split, isHeldOut } from '../../tables/encoder/split';
import { TargetTally } from '../../tables/encoder/statistics';
import { LABEL, encodedLabels, labelEncoding } from '../../tables/svmlight/labels';
import type { SvmlightFiles } from '../../tables/svmlight/read';
import {
  type SvmlightRows,
  blockSource,
  compressedSource,
  featuresOf,
  gathered,
} from '../../tables/svmlight/rows';
import { ThalwegError } from '../../base/errors';
import type { Context } from '../terminal/context';
import type { DataSource } from '../terminal/data-options';
import { optionNamed } from '../terminal/options';
import type { Progress } from '../terminal/progress';
import { withSvmlight } from '../terminal/svmlight-files';
import type { FitOptions } from './fit-options';
import type { FitChoice, FitRows, FitSource, FitStatistics, LabelRule, RowsAsked } from './fit-source';
import { type ScoredTable, scoreSamples } from './score-table';

/** Of an entry: its value and its column. */
const ENTRY_BYTES = 12;

const BREAKS: Record<LabelRule, (target: number) => boolean> = {
  any: () => false,
  zeroOrOne: (target) => target !== 0 && target !== 1,
  plusMinusOne: (target) => Math.abs(target) !== 1,
  notNegative: (target) => target < 0,
};

/** Options about columns, of which there are none. */
const ofColumns = [
  'features',
  'exclude',
  'categories',
  'numbers',
  'dates',
  'weight',
  'null',
  'maxLevels',
  'unknown',
] as const;

/** What is settled of SVMlight files, as `prepare` settles it of a table. */
export interface SvmlightFit {
  readonly source: FitSource;
  readonly chosen: FitChoice;
  readonly found: FitStatistics;
}

/** Reads SVMlight files. @throws ThalwegError as `gathered` and `labelEncoding`; ERR_COLUMN for options about columns */
export async function svmlightFit(
  from: DataSource,
  options: FitOptions,
  context: Context,
): Promise<SvmlightFit> {
  refuseColumns(options);
  return await withSvmlight(from, 'Reading', context, async (files) =>
    settled(files, await gathered(files), options),
  );
}

function refuseColumns(options: FitOptions): void {
  const { target, missing } = options;
  const named = ofColumns.find((option) => options[option] !== undefined);
  const other = named ?? (missing === 'drop' ? undefined : 'missing');
  if (other !== undefined) {
    const typed = optionNamed(other);
    throw new ThalwegError(
      'ERR_COLUMN',
      `--${typed} has no meaning for SVMlight files: what a row does not hold is 0, and features have indices for names. Leave it out.`,
      { option: typed },
    );
  }
  if (target === undefined || target === LABEL) return;
  throw new ThalwegError(
    'ERR_COLUMN',
    `SVMlight files have no column "${target}": the label of each line is what is learned. Leave --target out.`,
    { column: target },
  );
}

async function settled(files: SvmlightFiles, all: SvmlightRows, options: FitOptions): Promise<SvmlightFit> {
  const { activation, missing, holdout, seed } = options;
  const isUntold = activation === undefined || activation === 'sigmoid';
  const encoding = labelEncoding(files, all.labels, isUntold ? undefined : activation === 'softmax');
  const split = holdout === 0 ? undefined : { fraction: holdout, seed };
  const targets = encodedLabels(files, all.labels, encoding);
  const source = new SvmlightSource(files, all, targets, split);
  const features = await source.measured();
  const tally = new TargetTally(encoding.levels?.length ?? 0);
  tally.add(source.targets);
  const chosen = {
    ...{ missing, fileRows: all.labels.length, withoutTarget: 0, lacking: [], leftOut: [], notes: [] },
    target: { column: { name: LABEL }, encoding },
    ...(split === undefined ? {} : { split }),
  };
  return { source, chosen, found: { rows: source.targets.length, features, target: tally.found() } };
}

/** The rows of SVMlight files, in memory. */
class SvmlightSource implements FitSource {
  readonly path: string;
  readonly name: string;
  readonly notes: SvmlightFiles['notes'];
  readonly isCompressed = true;
  readonly #trained: Uint32Array | undefined;
  readonly #held: Uint32Array;
  /** Of the rows that are learned from. */
  readonly targets: Float64Array;
  #scaling: RowSource['scaling'];

  constructor(
    files: Pick<SvmlightFiles, 'name' | 'path' | 'notes'>,
    private readonly all: SvmlightRows,
    /** Of all rows. */
    private readonly encoded: Float64Array,
    split: Split | undefined,
  ) {
    this.path = files.path;
    this.name = files.name;
    this.notes = files.notes;
    const rows = encoded.length;
    const isHeld = (row: number): boolean => split !== undefined && isHeldOut(row + 1, split);
    this.#held = split === undefined ? new Uint32Array(0) : rowsThat(rows, isHeld);
    this.#trained = split === undefined ? undefined : rowsThat(rows, (row) => !isHeld(row));
    if (this.#trained?.length === 0) {
      const message = `${files.name}: every row is held out, so that none is left to train on. Use a smaller --holdout.`;
      throw new ThalwegError('ERR_FILE', message, { path: files.path });
    }
    this.targets = this.#trained === undefined ? encoded : targetsAt(encoded, this.#trained);
  }

  get bytes(): number {
    return this.all.entries * ENTRY_BYTES;
  }

  async measured(): Promise<FitStatistics['features']> {
    const features = await featuresOf(this.#source('float64'), this.all);
    this.#scaling = scaling(features);
    return features;
  }

  #source(dtype: Dtype, onEnd?: () => void): RowSource {
    const all = compressedSource(this.all, dtype, onEnd);
    return this.#trained === undefined ? all : rowsAt(all, this.#trained);
  }

  rows(dtype: Dtype, { unscaled = false, onEnd }: RowsAsked): FitRows {
    const scaled = unscaled || this.#scaling === undefined ? {} : { scaling: this.#scaling };
    const y = vectorRows('y', this.targets);
    return { ...this.#source(dtype, onEnd), ...scaled, y, weights: undefined };
  }

  firstBroken(rule: LabelRule): ReturnType<FitSource['firstBroken']> {
    const row = this.encoded.findIndex(BREAKS[rule]);
    return Promise.resolve(row < 0 ? undefined : { row: row + 1, value: String(this.encoded[row]) });
  }

  async scoreHeldOut(
    learned: Learned,
    device: Device,
    bar: Progress,
    found: Evaluation,
  ): Promise<ScoredTable> {
    const { columns } = this.all;
    const targets = targetsAt(this.encoded, this.#held);
    const held = rowsAt(compressedSource(this.all, 'float64'), this.#held);
    async function* samples() {
      let first = 0;
      for await (const { rows, compressed } of held.sparse?.blocks() ?? []) {
        if (compressed === undefined) continue;
        const y = targets.subarray(first, (first += rows));
        yield { X: blockSource(compressed, columns), y: vectorRows('y', y) };
        bar.update(first);
      }
    }
    try {
      return await scoreSamples(learned, samples(), device, found);
    } finally {
      bar.stop();
    }
  }

  heldOut(): Promise<number> {
    return Promise.resolve(this.#held.length);
  }
}

function targetsAt(targets: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => targets[row] as number);
}
