import { ThalwegError } from '../base/errors';

/** An `ERR_MODEL` at a field. */
export function modelError(what: string, field: string, problem: string): ThalwegError {
  const place = field === '' ? what : `${what}: "${field}"`;
  return new ThalwegError('ERR_MODEL', `${place} ${problem}. Use a model that thalweg wrote, unchanged.`, {
    path: field === '' ? what : field,
  });
}
