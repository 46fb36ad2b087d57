/** The fields of a record of delimited text, where it ends, and whether it does before the text does. */
export interface FirstRecord {
  readonly fields: readonly string[];
  readonly end: number;
  readonly complete: boolean;
}

/** Reads one record as RFC 4180 has it: `"` quotes a field, `""` stands for a quote inside one. */
export function firstRecord(text: string, delimiter: string, start = 0): FirstRecord {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    const field = text[at] === '"' ? quoted(text, at) : plain(text, at, delimiter);
    fields.push(field.value);
    at = field.end;
    if (text[at] !== delimiter) {
      return { fields, end: at, complete: at < text.length };
    }
    at += 1;
  }
}

/** The records that are complete within the first `characters` of a text. */
export function* records(
  text: string,
  delimiter: string,
  characters: number,
): Generator<FirstRecord['fields']> {
  for (let at = 0; at < Math.min(characters, text.length);) {
    const { fields, end, complete } = firstRecord(text, delimiter, at);
    if (!complete) return;
    yield fields;
    at = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function plain(text: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') {
    end += 1;
  }
  return { value: text.slice(start, end), end };
}

function quoted(text: string, start: number): Field {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) {
      return { value: value + text.slice(from), end: text.length };
    }
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      return { value, end: quote + 1 };
    }
    value += '"';
    from = quote + 2;
  }
}

/** The one of `candidates` that stands most often outside quotes in the first line of `text`; the first where none does. */
export function likeliestDelimiter(text: string, candidates: readonly string[]): string {
  const line = (text.split(/[\r\n]/, 1)[0] ?? '').replaceAll(/"[^"]*"/g, '');
  const counts = candidates.map((candidate) => line.split(candidate).length);
  return candidates[counts.indexOf(Math.max(...counts))] ?? ',';
}
