import type * as v from 'valibot';
import { fitting } from '../base/schema';
import { modelError } from '../model/model-error';

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
