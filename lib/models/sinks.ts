import { lazily } from '../base/lazily';
import { type Output, openOutputFile } from '../base/output-file';
import type { Learned } from '../model/learned';
import type { Prediction } from '../model/model';
import type * as OutputColumns from '../predictions/output-columns';
import type { OutputColumn } from '../predictions/output-columns';
import type * as RowWriter from '../predictions/row-writer';
import type { RowFormat } from '../predictions/row-writer';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const writing = lazily(() => ({
  ...(require('../predictions/output-columns') as typeof OutputColumns),
  ...(require('../predictions/row-writer') as typeof RowWriter),
}));
/* eslint-enable @typescript-eslint/no-require-imports */

/** Where the predictions of a table go. */
export interface Sink {
  /** @param used of rows that were read which have outputs */
  add(used: Uint8Array, outputs: Float64Array): Promise<void> | void;
  finish(): Promise<Prediction[]> | Prediction[];
  /** Leaves nothing behind where `finish` was not reached. */
  discard(): Promise<void> | void;
}

/** Into an array. */
export class Listed implements Sink {
  readonly #predictions: Prediction[] = [];

  constructor(private readonly predictionOf: (outputs: Float64Array | undefined) => Prediction) {}

  add(used: Uint8Array, found: Float64Array): void {
    const rows = used.reduce((sum, isUsed) => sum + isUsed, 0);
    const count = rows === 0 ? 0 : found.length / rows;
    let next = 0;
    for (const isUsed of used) {
      const row = isUsed === 1 ? found.subarray(next, (next += count)) : undefined;
      this.#predictions.push(this.predictionOf(row));
    }
  }

  finish(): Prediction[] {
    return this.#predictions;
  }

  discard(): void {
    // There is nothing but what is forgotten.
  }
}

/** Into a file, whole or not at all. */
export class Written implements Sink {
  private constructor(
    private readonly output: Output,
    private readonly columns: readonly OutputColumn[],
    private readonly format: RowFormat,
    private readonly outputs: number,
  ) {}

  static async open(learned: Learned, file: string, signal: AbortSignal | undefined): Promise<Written> {
    const { modelColumns, outputNames, csvFormat, jsonFormat } = writing();
    const columns = modelColumns(learned, 'the model', {});
    const names = outputNames(columns, []);
    const format = /\.(jsonl|ndjson)$/i.test(file) ? jsonFormat(names) : csvFormat(names);
    const output = await openOutputFile(file, signal);
    const into = new Written(output, columns, format, learned.parameters.intercepts.length);
    try {
      if (format.head !== '') await output.write(format.head);
      return into;
    } catch (error) {
      await into.discard();
      throw error;
    }
  }

  async add(used: Uint8Array, found: Float64Array): Promise<void> {
    const { columns, outputs: count, format } = this;
    await this.output.write(
      writing().written({ used, outputs: found, kept: [] }, columns, count, format).text,
    );
  }

  async finish(): Promise<Prediction[]> {
    await this.output.commit();
    return [];
  }

  async discard(): Promise<void> {
    await this.output.discard();
  }
}
