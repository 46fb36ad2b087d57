import { ThalwegError } from '../base/errors';
import { type Values, splitCase, valuesOf } from './cases';
import type { Group } from './group';
import { groupNames, groups } from './groups/all';

/** @throws ThalwegError ERR_INVALID_ARGUMENT where there is no such group */
export function groupOf(option: 'case' | 'group', name: string): Group {
  const group = groups.find((each) => each.name === name);
  if (group !== undefined) return group;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `there is no group '${name}' of checks: it is one of ${groupNames.join(', ')}`,
    { option },
  );
}

/** A case as text. @throws ThalwegError ERR_INVALID_ARGUMENT where it is none */
export function caseOf(text: string): { readonly group: Group; readonly values: Values } {
  const { group: name, rest } = splitCase(text);
  const group = groupOf('case', name);
  return { group, values: valuesOf(rest, group.like, group.words) };
}
