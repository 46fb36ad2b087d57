const SHOWN = 12;

/** Labels as a message names them: `"a", "b" and "c"`, the first twelve where there are more. */
export function listed(labels: readonly (string | number | boolean)[]): string {
  const names = labels.slice(0, SHOWN).map((label) => JSON.stringify(label));
  if (labels.length > SHOWN) return `${names.join(', ')}, …`;
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}
