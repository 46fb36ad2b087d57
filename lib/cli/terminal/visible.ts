import { randomHex } from '../../base/random-hex';
import { visible } from '../../base/visible';

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
