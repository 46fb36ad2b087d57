import { visible } from '../base/visible';

/** HTML that is safe to stand in a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | undefined | readonly (Html | string)[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as HTML: what it has of markup, and of marks that nobody sees, is shown, not meant; line ends and tabs stay, as in commands. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\n\t]+/g, visible)
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(textOf).join('');
}

/** HTML from a template: what is put in is text, unless it is HTML itself. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    literals.reduce(
      (text, literal, at) => `${text}${literal}${at < parts.length ? textOf(parts[at]) : ''}`,
      '',
    ),
  );
}

const NUMBER = /^[-−–\d.,\s%]*$/;

/** Numbers end at the same place, text begins at it. */
function aligned(rows: readonly (readonly string[])[], at: number): Html {
  return new Html(rows.every((row) => NUMBER.test(row[at] ?? '')) ? '' : ' class="text"');
}

/** A table with a caption; the first cell of a row is its head. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  const looks = heads.map((_, at) => aligned(rows, at));
  const cells = (row: readonly string[]): Html[] =>
    row.map((cell, at) =>
      at === 0 ? markup`<th scope="row">${cell}</th>` : markup`<td${looks[at]}>${cell}</td>`,
    );
  return markup`<div class="scrolls" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head, at) => markup`<th scope="col"${looks[at]}>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => markup`<tr>${cells(row)}</tr>`)}
      </tbody>
    </table>
  </div>`;
}

/** A picture, what it shows in words, and its caption. */
export function figure(picture: Html, caption: string): Html {
  return markup`<figure>
    ${picture}
    <figcaption>${caption}</figcaption>
  </figure>`;
}
