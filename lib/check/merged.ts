import type { DeviceReport, GroupReport } from './report';
import { mostFailures } from './recorder';

const worstFirst = ['unfinished', 'failed', 'passed', 'skipped'] as const;

/** One group of which several processes checked a part each. */
export function mergedGroup(parts: readonly GroupReport[]): GroupReport {
  const [first] = parts;
  if (first === undefined) throw new RangeError('a group has a part');
  const states = parts.map(({ state }) => state);
  const total = (of: 'cases' | 'failed'): number => parts.reduce((sum, part) => sum + part[of], 0);
  return {
    ...{ group: first.group, what: first.what },
    state: worstFirst.find((state) => states.includes(state)) ?? 'passed',
    ...{ cases: total('cases'), failed: total('failed') },
    // Why a group is left out is the same for all of them.
    skipped: first.state === 'skipped' ? first.skipped : parts.flatMap(({ skipped }) => skipped),
    failures: parts.flatMap(({ failures }) => failures).slice(0, mostFailures),
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
  };
}

/** One device that several processes checked; its first failure is that of the first group that has one. */
export function mergedReport(reports: readonly DeviceReport[]): DeviceReport {
  const [first] = reports;
  if (first === undefined) throw new RangeError('a device has a report');
  const names = [...new Set(reports.flatMap(({ groups }) => groups.map(({ group }) => group)))];
  const groups = names.map((name) =>
    mergedGroup(reports.flatMap((report) => report.groups.filter(({ group }) => group === name))),
  );
  const failure =
    groups.flatMap(({ failures }) => failures)[0] ??
    reports.flatMap((report) => (report.failure === undefined ? [] : [report.failure]))[0];
  const device = reports.find((report) => report.device !== undefined)?.device;
  return {
    id: reports.find((report) => report.device !== undefined)?.id ?? first.id,
    ...(device === undefined ? {} : { device }),
    ok: reports.every(({ ok }) => ok),
    groups,
    ...(failure === undefined ? {} : { failure }),
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
  };
}
