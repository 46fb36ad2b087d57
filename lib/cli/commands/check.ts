import type { HsaOverride } from '../../index';
import {
  type CaseFailure,
  type CheckReport,
  type DeviceReport,
  type GroupReport,
  checkDevice,
} from '../../check';
import { everyDevice } from '../../check/every-device';
import { applyHsaOverride } from '../../drivers/hsa-override';
import { type Context, print, printJson } from '../terminal/context';
import { colors, counted, duration } from '../terminal/format';
import { type Progress, progress } from '../terminal/progress';

/** Options of `thalweg check`. */
export interface CheckOptions {
  /** None: every one. */
  readonly device?: readonly string[];
  /** None: all. */
  readonly group?: readonly string[];
  readonly case?: string;
  readonly quick?: boolean;
  readonly hsaOverride?: HsaOverride;
  readonly json?: boolean;
}

/** Checks devices and prints what came of it; 1 where one does not compute what it should. */
export async function check(options: CheckOptions, context: Context): Promise<number> {
  const { device = [], hsaOverride, quick = false } = options;
  // The processes that ask the drivers inherit it.
  if (hsaOverride !== undefined) await applyHsaOverride(hsaOverride, device[0] ?? 'gpu');
  const { ids, failed } = device.length > 0 ? { ids: device, failed: [] } : await everyDevice(context.signal);
  const devices: DeviceReport[] = [...failed];
  for (const id of ids) devices.push(await checkOne(id, options, context));
  const report: CheckReport = { ok: devices.every(({ ok }) => ok), quick, devices };
  if (context.json) printJson(report);
  else printVerdict(report);
  return report.ok ? 0 : 1;
}

async function checkOne(id: string, options: CheckOptions, context: Context): Promise<DeviceReport> {
  let bar: { readonly group: string; readonly progress: Progress } | undefined;
  const stopBar = (): void => {
    bar?.progress.stop();
    bar = undefined;
  };
  try {
    return await checkDevice(id, {
      ...{ quick: options.quick ?? false, groups: options.group ?? [], signal: context.signal },
      ...(options.case === undefined ? {} : { case: options.case }),
      onOpen: (info) => {
        if (!context.json) print(`${colors.bold(info.id)}  ${info.name}`);
      },
      onProgress: (group, done, cases) => {
        if (bar?.group !== group) {
          stopBar();
          bar = { group, progress: progress(context, group, cases, 'cases') };
        }
        bar.progress.update(done);
      },
      onGroup: (group) => {
        stopBar();
        if (!context.json) print(groupLines(group));
      },
    });
  } finally {
    stopBar();
  }
}

const MARKS = {
  passed: colors.green('✓'),
  failed: colors.red('✗'),
  unfinished: colors.red('✗'),
  skipped: colors.dim('–'),
} as const;

/** The longest name of a group. */
const NAME_WIDTH = 10;

function groupLines({
  group,
  what,
  state,
  cases,
  failed,
  skipped,
  failures,
  seconds,
}: GroupReport): string[] {
  const title = `  ${MARKS[state]} ${group.padEnd(NAME_WIDTH)}`;
  if (state === 'skipped') return [`${title}  ${colors.dim(`not tried: ${skipped[0]?.why ?? ''}`)}`];
  const tried = counted(cases - skipped.length, 'case');
  const count = failed === 0 ? tried : `${failed} of ${tried} failed`;
  const left = skipped.map(({ case: text = '', why }) => `      ${colors.dim(`not tried: ${text}: ${why}`)}`);
  return [
    `${title}  ${colors.dim(what)}  ${count}, ${duration(seconds)}`,
    ...left,
    ...failures.slice(0, 1).map(({ case: text = '', what: fault }) => `      ${text}: ${fault}`),
  ];
}

function printVerdict({ devices, quick }: CheckReport): void {
  const wrong = devices.filter(({ ok }) => !ok);
  print('');
  for (const { id, device, failure } of wrong) {
    if (failure !== undefined)
      print(failureLines(device === undefined ? id : `${id} (${device.name})`, failure));
  }
  const right = devices.filter(({ ok }) => ok).map(({ id }) => id);
  if (right.length > 0)
    print(`${right.join(', ')}: right in every case${quick ? ' of the quick check' : ''}.`);
}

function failureLines(device: string, { case: text, what, command }: CaseFailure): string[] {
  const [first = '', ...rest] = what.split('\n');
  return [
    `${device} does not compute what it should${text === undefined ? '' : `, first in '${text}'`}: ${first}`,
    ...rest.map((line) => `  ${line}`),
    `    → npx ${command}`,
  ];
}
