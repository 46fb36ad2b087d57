import type { CheckEvent, CheckQuestion, Share } from '../drivers/probe/questions';
import { ThalwegError } from '../base/errors';
import { type Values, textOf } from './cases';
import { caseOf } from './find';
import type { Group } from './group';
import { groups } from './groups/all';
import { Target } from './target';

type Verdict = Extract<CheckEvent, { ended: unknown }>['ended'];

/**
 * Checks a device in this process: a driver that hangs or crashes takes it along.
 *
 * @param tell Hears of each group and case as it begins and ends.
 * @throws ThalwegError as `openDevice`; ERR_INVALID_ARGUMENT for a case that is none; ERR_DEVICE_LOST
 */
export async function runCheck(question: CheckQuestion, tell: (event: CheckEvent) => void): Promise<void> {
  const { device, quick, settings, share = { part: 0, of: 1 } } = question;
  const target = await Target.open(device, quick, settings);
  tell({ opened: target.device.info });
  try {
    for (const group of chosenBy(question)) await runGroup(target, group, share, tell);
  } finally {
    await target.close();
  }
}

function chosenBy({ case: text, only }: CheckQuestion): Group[] {
  if (text === undefined) return groups.filter(({ name }) => only.length === 0 || only.includes(name));
  const { group, values } = caseOf(text);
  return [{ ...group, cases: () => Promise.resolve([values]) }];
}

async function runGroup(
  target: Target,
  group: Group,
  share: Share,
  tell: (event: CheckEvent) => void,
): Promise<void> {
  const { name, what } = group;
  const why = group.notFor?.(target);
  if (why !== undefined) {
    tell({ group: name, what, cases: 0, why });
    return;
  }
  const cases = partOf(await group.cases(target), group.alone === true ? onlyFirst(share) : share);
  tell({ group: name, what, cases: cases.length });
  for (const values of cases) {
    tell({ begun: textOf(name, values) });
    tell({ ended: await verdictOn(target, group, values) });
  }
  await target.closeVariants();
}

/** Neighbours, which often take the same kernels. */
function partOf<Item>(items: readonly Item[], { part, of }: Share): readonly Item[] {
  return items.slice(Math.floor((items.length * part) / of), Math.floor((items.length * (part + 1)) / of));
}

/** All of it for the first part, nothing for the others. */
function onlyFirst({ part }: Share): Share {
  return { part: Math.min(part, 1), of: 1 };
}

/** An error is a fault of the case as well, but for a device that is lost: nothing can be tried on it any more. */
async function verdictOn(target: Target, group: Group, values: Values): Promise<Verdict> {
  try {
    const verdict = await group.run(target, values);
    return typeof verdict === 'object' ? verdict : verdict === undefined ? {} : { fault: verdict };
  } catch (error) {
    if (!(error instanceof ThalwegError) || error.code === 'ERR_DEVICE_LOST') throw error;
    return { fault: `${error.code}: ${error.message}` };
  }
}
