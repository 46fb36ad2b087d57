/** Control characters (C0, DEL, C1), marks that turn the direction of text, and line ends and a mark that nobody sees. */
const hidden = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text in which what a terminal or a page would take for a command, or show as something else, is written out as in JSON: names
 * from files and messages may hold anything. What is written out already stays.
 */
export function visible(text: string): string {
  return text.replaceAll(
    hidden,
    (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
