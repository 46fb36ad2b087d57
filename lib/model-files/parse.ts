import * as v from 'valibot';
import { ThalwegError } from '../base/errors';

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
  const result = v.safeParse(schema, object, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw modelError(what, pathOf(issue), problemOf(issue));
  }
  return result.output;
}

/** An `ERR_MODEL` at a field. */
export function modelError(what: string, field: string, problem: string): ThalwegError {
  const place = field === '' ? what : `${what}: "${field}"`;
  return new ThalwegError('ERR_MODEL', `${place} ${problem}. Use a model that thalweg wrote, unchanged.`, {
    path: field === '' ? what : field,
  });
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce(
    (path, { key }) =>
      typeof key === 'number' ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${String(key)}`,
    '',
  );
}

function problemOf({ kind, type, expected, received, message }: v.BaseIssue<unknown>): string {
  if (kind === 'schema' && type === 'strict_object') {
    return expected === 'never'
      ? 'is no field of a model'
      : received === 'undefined'
        ? 'is missing'
        : 'must be an object';
  }
  return message;
}
