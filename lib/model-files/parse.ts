import type * as v from 'valibot';
import { ThalwegError } from '../base/errors';
import { fitting } from '../base/schema';

/**
 * The object where it fits the schema.
 *
 * @param what Names the object in the message.
 * @throws ThalwegError `ERR_MODEL` that names the first field that does not fit.
 */
export function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  object: unknown,
  what: string,
): v.InferOutput<Schema> {
  return fitting(schema, object, 'a model', ({ field, problem }) => modelError(what, field, problem));
}

/** An `ERR_MODEL` at a field. */
export function modelError(what: string, field: string, problem: string): ThalwegError {
  const place = field === '' ? what : `${what}: "${field}"`;
  return new ThalwegError('ERR_MODEL', `${place} ${problem}. Use a model that thalweg wrote, unchanged.`, {
    path: field === '' ? what : field,
  });
}
