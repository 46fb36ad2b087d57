import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Evaluation } from '../../metrics/evaluation';
import type { Learned } from '../../model/learned';
import { codeBytes } from '../../rows/sparse-rows';
import { blocks } from '../../tables/encoder/blocks';
import type { Chosen } from '../../tables/encoder/choice';
import { width } from '../../tables/encoder/encoding';
import { heldLayout } from '../../tables/encoder/held-layout';
import type { Reading } from '../../tables/encoder/reading';
import { type Statistics, heldOutRows } from '../../tables/encoder/statistics';
import { TableRows } from '../../tables/encoder/table-rows';
import { valueSql } from '../../tables/columns/read-column';
import type { Source } from '../../tables/files/source';
import type { Progress } from '../terminal/progress';
import type { FitRows, FitSource, LabelRule, RowsAsked } from './fit-source';
import { type ScoredTable, scoreTable } from './score-table';

/** Of each rule the targets that break it, in SQL. */
const BROKEN: Record<LabelRule, string | undefined> = {
  any: undefined,
  zeroOrOne: 'NOT IN (0, 1)',
  plusMinusOne: 'NOT IN (-1, 1)',
  notNegative: '< 0',
};

/** The rows of a table. */
export class TableSource implements FitSource {
  readonly path: string;
  readonly name: string;
  readonly notes: Source['notes'];
  readonly isCompressed = false;

  constructor(
    private readonly source: Source,
    private readonly chosen: Chosen,
    private readonly found: Statistics,
  ) {
    this.path = source.path;
    this.name = source.name;
    this.notes = source.notes;
  }

  get bytes(): number {
    const { rows, features } = this.found;
    const layout = heldLayout(this.#reading());
    const ofRow =
      layout === undefined
        ? 8 * width(features)
        : 8 * layout.dense + layout.levels.reduce((sum, levels) => sum + codeBytes(levels), 0);
    return rows * ofRow;
  }

  rows(dtype: Dtype, asked: RowsAsked): FitRows {
    const { rows, share, kept } = this.found;
    return new TableRows(this.source, this.#reading(), share?.rows ?? rows, dtype, { ...asked, kept });
  }

  async firstBroken(rule: LabelRule): Promise<{ readonly row: number; readonly value: string } | undefined> {
    const broken = BROKEN[rule];
    if (broken === undefined) return undefined;
    const { target } = this.chosen;
    const rows = this.source.select([target.column], { rowNumber: true });
    const [cells] = await this.source.database.rows(
      `SELECT r::DOUBLE, v FROM (SELECT r, ${valueSql(target)} AS v FROM ${rows}) WHERE v ${broken} ORDER BY r LIMIT 1`,
    );
    return cells && { row: Number(cells[0]), value: String(cells[1]) };
  }

  async scoreHeldOut(
    learned: Learned,
    device: Device,
    bar: Progress,
    found: Evaluation,
  ): Promise<ScoredTable> {
    return await scoreTable(learned, blocks(this.source, this.#reading(true)), device, bar, found);
  }

  async heldOut(): Promise<number> {
    return await heldOutRows(this.source, this.chosen);
  }

  /** How the rows that are trained on are read, or those held out. */
  #reading(held = false): Reading {
    const { chosen, found } = this;
    return {
      features: found.features.map((encoding, index) => ({
        ...(chosen.features[index] ?? chosen.target),
        encoding,
      })),
      target: chosen.target,
      ...(chosen.weight === undefined ? {} : { weight: chosen.weight.column }),
      missing: chosen.missing,
      range: found.share?.range,
      ...(chosen.unknown === undefined ? {} : { unknown: chosen.unknown }),
      ...(chosen.split === undefined ? {} : { part: { split: chosen.split, held } }),
    };
  }
}
