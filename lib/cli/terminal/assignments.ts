import { firstRecord } from '../../tables/files/delimited';

/** A field of an option's list: `name=value`, or a name alone. */
export interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
}

/** Fields between commas; a name with a comma in it stands in double quotes, and the last `=` of a field ends its name. */
export function assignments(text: string): Assignment[] {
  // As a quoted field: "a,b"=1 is read as "a,b=1".
  const { fields } = firstRecord(text.replaceAll(/(^|,)"((?:[^"]|"")*)"=([^,]*)/g, '$1"$2=$3"'), ',');
  return fields.map((field) => {
    const at = field.lastIndexOf('=');
    if (at < 0) return { name: field.trim(), value: undefined };
    return { name: field.slice(0, at).trim(), value: field.slice(at + 1).trim() };
  });
}
