/** A count with thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A number that a person reads: at most five significant digits. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { maximumSignificantDigits: 5 });
}
