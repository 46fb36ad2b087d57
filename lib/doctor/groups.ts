import os from 'node:os';
import { systemText } from '../drivers/system/files';
import { type Finding, ok, problem, warning } from './finding';
import type { Machine } from './machine';

interface Group {
  readonly gid: number;
  readonly name: string;
  readonly members: readonly string[];
}

/** Whether this user is in the groups that own the GPU's device files. */
export async function groupFinding({ kfdNode, renderNodes, container }: Machine): Promise<Finding> {
  const nodes = [...(kfdNode === undefined ? [] : [kfdNode]), ...renderNodes];
  const closed = nodes.filter(({ open }) => !open);
  const groups = await readGroups();
  const nameOf = (gid: number): string => groups.find((group) => group.gid === gid)?.name ?? String(gid);
  if (closed.length === 0) {
    if (process.getuid?.() === 0)
      return ok('GROUP_READY', 'You are root, for whom every device file is open.');
    const mine = (process.getgroups?.() ?? []).map(nameOf).join(', ');
    return ok('GROUP_READY', `You are in the groups ${mine}; no device file asks for another.`);
  }
  const wanted = [...new Set(closed.map(({ gid }) => gid))];
  const names = wanted.map(nameOf).join(',');
  const files = closed.map(({ file }) => file).join(', ');
  const user = userName();
  const isMember = (gid: number): boolean =>
    groups.some((group) => group.gid === gid && group.members.includes(user ?? ''));
  if (wanted.every(isMember)) {
    return warning(
      'GROUP_NOT_YET',
      `You were added to ${names}, which ${files} asks for, after this session began.`,
    );
  }
  const fix =
    container === undefined
      ? [`sudo usermod -aG ${names} "$USER"`, 'Log out and in again.']
      : [`docker run ${wanted.map((gid) => `--group-add ${gid}`).join(' ')} …`];
  return problem('GROUP_MISSING', `${files} asks for the group ${names}, and you are not in it.`, ...fix);
}

async function readGroups(): Promise<Group[]> {
  const text = (await systemText('/etc/group')) ?? '';
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members = ''] = line.split(':');
    return name === undefined || gid === undefined
      ? []
      : [{ name, gid: Number(gid), members: members.split(',') }];
  });
}

/** Undefined for a user without a name, as in containers. */
function userName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    return undefined;
  }
}
