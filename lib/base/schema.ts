import * as v from 'valibot';

/** What does not fit a schema: the field, as `a.b[1]` or nothing, and what is wrong with it. */
export interface Misfit {
  readonly field: string;
  readonly problem: string;
}

/**
 * The object where it fits the schema.
 *
 * @param kind names what fields belong to: `a model`
 * @param refuse makes the error of the first field that does not fit
 */
export function fitting<Schema extends v.GenericSchema>(
  schema: Schema,
  object: unknown,
  kind: string,
  refuse: (misfit: Misfit) => Error,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, object, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw refuse({ field: pathOf(issue), problem: problemOf(issue, kind) });
}

function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce(
    (path, { key }) =>
      typeof key === 'number' ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${String(key)}`,
    '',
  );
}

function problemOf(issue: v.BaseIssue<unknown>, object: string): string {
  const { kind, type, expected, received, message } = issue;
  if (kind === 'schema' && type === 'strict_object') {
    return expected === 'never'
      ? `is no field of ${object}`
      : received === 'undefined'
        ? 'is missing'
        : 'must be an object';
  }
  return message;
}
