/** An element of an XML document: its name, its attributes, of which those that are undefined are left out, and what is in it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly Element[] | string;
}

export function element(
  name: string,
  attributes: Element['attributes'] = {},
  children: Element['children'] = [],
): Element {
  return { name, attributes, children };
}

/** What XML 1.0 has no way to write: most control characters, halves of pairs, and two that are no characters. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

/** Whether XML can hold a text. */
export function isWritable(text: string): boolean {
  return !UNWRITABLE.test(text);
}

/** A text between tags or quotes. Tabs and ends of lines would be read as spaces there, if they were written as they are. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"\t\n\r\u0085\u2028]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A document of that element. */
export function documentOf(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`;
}

function lines({ name, attributes, children }: Element, indent: string): string[] {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${escaped(String(value))}"`,
  );
  const start = `${indent}<${name}${written.join('')}`;
  if (typeof children === 'string') return [`${start}>${escaped(children)}</${name}>`];
  if (children.length === 0) return [`${start}/>`];
  return [`${start}>`, ...children.flatMap((child) => lines(child, `${indent}  `)), `${indent}</${name}>`];
}
