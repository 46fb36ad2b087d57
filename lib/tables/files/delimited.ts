/** The fields of a record of delimited text, where it ends, and whether it does before the text does. */
export interface FirstRecord {
  readonly fields: readonly string[];
  readonly end: number;
  readonly complete: boolean;
}

/** Reads one record as RFC 4180 has it: `quote` quotes a field, a doubled one stands for itself inside; spaces around it go. */
export function firstRecord(text: string, delimiter: string, start = 0, quote = '"'): FirstRecord {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    const opening = quote === '' ? at : afterSpaces(text, at, delimiter);
    const isQuoted = quote !== '' && text[opening] === quote;
    const field = isQuoted ? quoted(text, opening, quote) : plain(text, at, delimiter);
    fields.push(field.value);
    at = isQuoted ? afterSpaces(text, field.end, delimiter) : field.end;
    if (text[at] !== delimiter) {
      return { fields, end: at, complete: at < text.length };
    }
    at += 1;
  }
}

/** What records are read. */
export interface Stretch {
  readonly start: number;
  /** Where none begins any more. */
  readonly limit: number;
  readonly quote: string;
  /** Whether the end of the text ends a record. */
  readonly isWhole: boolean;
}

/** The complete records of a stretch of text: most are lines without quotes, which are cut several times as fast. */
export function* records(
  text: string,
  delimiter: string,
  { start, limit, quote, isWhole }: Stretch,
): Generator<FirstRecord['fields']> {
  let hasLines = true;
  for (let at = start; at < Math.min(limit, text.length);) {
    const newline: number = hasLines ? text.indexOf('\n', at) : -1;
    // Not looked for again in a text that has none, which would be read to its end for each record.
    hasLines = newline >= 0;
    const line = hasLines
      ? text.slice(at, text[newline - 1] === '\r' ? Math.max(at, newline - 1) : newline)
      : '\r';
    if (!line.includes('\r') && (quote === '' || !line.includes(quote))) {
      yield line.split(delimiter);
      at = newline + 1;
      continue;
    }
    const { fields, end, complete } = firstRecord(text, delimiter, at, quote);
    if (!complete && !isWhole) return;
    yield fields;
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function afterSpaces(text: string, start: number, delimiter: string): number {
  let at = start;
  while (delimiter !== ' ' && text[at] === ' ') at += 1;
  return at;
}

function plain(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') {
    end += 1;
  }
  return { value: text.slice(start, end), end };
}

function quoted(text: string, start: number, quote: string): Field {
  let value = '';
  let from = start + 1;
  for (;;) {
    const at = text.indexOf(quote, from);
    if (at < 0) {
      return { value: value + text.slice(from), end: text.length };
    }
    value += text.slice(from, at);
    if (text[at + 1] !== quote) {
      return { value, end: at + 1 };
    }
    value += quote;
    from = at + 2;
  }
}
