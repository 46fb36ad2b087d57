/** A count with thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A number that a person reads: at most five significant digits, with an exponent where zeros would hide it. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e9)) return value.toExponential(4);
  return value.toLocaleString('en', { maximumSignificantDigits: 5 });
}
