import { shown } from './arguments';

const SHOWN = 12;

/** A label, or what is none, as a message names it: texts in double quotes. */
export function shownLabel(label: unknown): string {
  return typeof label === 'string' ? JSON.stringify(label) : shown(label);
}

/** Labels as a message names them: `"a", "b" and "c"`, the first twelve where there are more. */
export function listed(labels: readonly (string | number | boolean)[]): string {
  const names = labels.slice(0, SHOWN).map((label) => JSON.stringify(label));
  if (labels.length > SHOWN) return `${names.join(', ')}, …`;
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}
