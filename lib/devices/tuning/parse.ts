import * as v from 'valibot';
import { type StoredTuning, tuningSchema } from './schema';

/** A file's content where it fits the format in every field, else undefined. */
export function parseTuning(text: string): StoredTuning | undefined {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, output } = v.safeParse(tuningSchema, object);
  return success ? output : undefined;
}
