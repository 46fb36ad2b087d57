import { randomHex } from '../../base/random-hex';

/** Control characters (C0, DEL, C1), marks that turn the direction of text, and line ends and a mark that nobody sees. */
const hidden = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text in which what a terminal would take for a command, or show as something else, is written out as in JSON: names
 * from files and messages may hold anything. What is written out already stays.
 */
export function visible(text: string): string {
  return text.replaceAll(
    hidden,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Stands for ESC in colours of our own; no file can hold it, since it is another one in each process. */
let mark: string | undefined;

/** Made with the first colour: a pipe has none. */
function markOfEscape(): string {
  return (mark ??= `\u{f0000}${randomHex()}`);
}

/** A colour whose codes pass {@link shownLine}; `color` puts them around a text. */
export function markedColor(color: (text: string) => string): (text: string) => string {
  const [open = '', close = ''] = color('\0').replaceAll('\u001b', markOfEscape).split('\0');
  return (text) => `${open}${text}${close}`;
}

/** A line as it goes to people: all visible but the colours of our own. */
export function shownLine(line: string): string {
  const shown = visible(line);
  return mark === undefined ? shown : shown.replaceAll(mark, '\u001b');
}

/** The lines of a text whose line ends are meant, each as {@link shownLine}. */
export function shownText(text: string): string {
  return text.split('\n').map(shownLine).join('\n');
}
