import path from 'node:path';

/** Where this package lies: two folders up from `base/`, and from `cli/`, whose one file holds this as well. */
export const packageFolder = path.join(__dirname, '..', '..');
