/** Options as others call them, which are not near to their names here by their letters. */
const otherNames: Readonly<Record<string, string>> = {
  '--lr': '--learning-rate',
  '--eta': '--learning-rate',
  '--eta0': '--learning-rate',
  '--alpha': '--l2',
  '--ridge': '--l2',
  '--lasso': '--l1',
  '--weight-decay': '--l2',
  '--max-iter': '--iterations',
  '--test-size': '--holdout',
  '--label': '--target',
  '--gpu': '--device',
  '--cuda': '--device',
  '--random-state': '--seed',
};

/** What commander says of an unknown option, with the one that is meant where it has another name elsewhere. */
export function suggesting(message: string): string {
  const [, option = ''] = /^error: unknown option '([^'=]+)/.exec(message) ?? [];
  const meant = Object.hasOwn(otherNames, option) ? otherNames[option] : undefined;
  if (meant === undefined) return message;
  const [first = ''] = message.split('\n');
  return `${first}\n(Did you mean ${meant}?)\n`;
}
