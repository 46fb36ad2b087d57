/** Formats of data, by the names that `--format` takes. */
export const formatNames = ['csv', 'tsv', 'json', 'jsonl', 'parquet', 'arrow', 'svmlight'] as const;

export type FormatName = (typeof formatNames)[number];

/** How data are read; what is left out is found in them. */
export interface SourceOptions {
  /** Of all files, whatever their names end in. */
  readonly format?: FormatName;
  /** Between values: one character. */
  readonly delimiter?: string;
  /** Around values: one character, or '' where none is. */
  readonly quote?: string;
  /** Lines that begin with it are no data: one character. */
  readonly comment?: string;
  /** How many lines come before the one of names. */
  readonly skip?: number;
  /** Of numbers. */
  readonly decimal?: '.' | ',';
  /** A label of `TextDecoder`. */
  readonly encoding?: string;
  /** A SELECT over the tables of `database`. */
  readonly sql?: string;
  /** A DuckDB or SQLite file. */
  readonly database?: string;
  /** Whether addresses of the network may be read. */
  readonly allowNetwork?: boolean;
}

/** Something that was guessed, dropped or changed, which a person should know. */
export interface Note {
  readonly code: string;
  readonly text: string;
  readonly column?: string;
  readonly count?: number;
}
