import { groupNames } from '../../lib/check/groups/all';
import { type CheckReport, type GroupReport, checkDevice } from '../../lib/check';
import { json, thalweg } from '../cli/thalweg';

const statesOf = ({ devices }: CheckReport): string[] =>
  devices.flatMap(({ id, groups }) => groups.map(({ group, state }) => `${id} ${group} ${state}`));

describe('thalweg check', () => {
  it('finds the CPU device right in every group that is for it', async () => {
    const report = (await json(['check', '--device', 'cpu', '--quick'])) as CheckReport;
    expect(report).toMatchObject({ ok: true, quick: true });
    expect(report.devices.map(({ id, device }) => [id, device?.backend])).toEqual([['cpu', 'cpu']]);
    const skipped = ['cache', 'blocks', 'graphs', 'large'];
    expect(statesOf(report)).toEqual(
      groupNames.map((name) => `cpu ${name} ${skipped.includes(name) ? 'skipped' : 'passed'}`),
    );
    for (const { cases, failed, skipped: left, state } of report.devices[0]?.groups ?? []) {
      expect(failed).toBe(0);
      expect(state === 'skipped' ? left[0]?.why : cases).toBeTruthy();
    }
  });

  it('has a line for each group, and says in one that all is right', async () => {
    const { code, stdout, stderr } = await thalweg(
      ['check', '--device', 'cpu', '--quick', '--group', 'upload', '--group', 'graphs'],
      {},
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^cpu {2}\S/),
      expect.stringMatching(/^ {2}✓ upload {6}patterns .* {2}24 cases, [\d.]+ m?s$/),
      expect.stringMatching(/^ {2}– graphs {6}not tried: .*graphs/),
      '',
      'cpu: right in every case of the quick check.',
      '',
    ]);
  });

  it('takes one case, and what it leaves out from the group', async () => {
    const report = (await json([
      ...['check', '--device', 'cpu', '--case', 'gradient n=7 values=integers dtype=float64'],
    ])) as CheckReport;
    expect(report.devices[0]?.groups).toMatchObject([{ group: 'gradient', state: 'passed', cases: 1 }]);
  });

  it.each([
    [['--group', 'gradients'], /no group 'gradients'.*gradient/],
    [['--case', 'gradients m=1'], /no group 'gradients'.*gradient/],
    [['--case', 'gradient k=1'], /no 'k=1'.*values, m, n, dtype, seed/],
    [['--case', 'gradient m=x'], /no 'm=x': a number/],
    [['--case', 'gradient dtype=float16'], /no 'dtype=float16'.*float32, float64/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await thalweg(['check', '--device', 'cpu', ...args]);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(message);
  });

  it('names a device that is not there', async () => {
    const { code, stdout } = await thalweg(['check', '--device', 'opencl:99', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      devices: [{ id: 'opencl:99', ok: false, groups: [], failure: { what: /ERR_D/ } }],
    });
  });
});

describe('processes that share the cases of a device', () => {
  const groups = ['gradient', 'sums', 'graphs', 'large'];

  it('try each of them once, and tell the groups in order, as one process does', async () => {
    const one = await checkDevice('cpu', { quick: true, groups, processes: 1 });
    const told: GroupReport[] = [];
    const progress = new Map<string, number>();
    const three = await checkDevice('cpu', {
      ...{ quick: true, groups, processes: 3 },
      onGroup: (report) => told.push(report),
      onProgress: (group, done, cases) => {
        expect(done).toBeLessThanOrEqual(cases);
        progress.set(group, done);
      },
    });
    const withoutTime = (all: readonly GroupReport[]): object[] =>
      all.map((report) => ({ ...report, seconds: undefined }));
    expect(three.ok).toBe(true);
    expect(withoutTime(three.groups)).toEqual(withoutTime(one.groups));
    expect(three.groups.map(({ group }) => group)).toEqual(groups);
    expect(told).toEqual(three.groups);
    expect(progress.get('gradient')).toBeGreaterThan(0);
  });

  it('tell once that the device is not there', async () => {
    const report = await checkDevice('opencl:99', { quick: true, groups, processes: 2 });
    expect(report).toMatchObject({ id: 'opencl:99', ok: false, groups: [] });
    expect(report.failure?.what).toMatch(/^ERR_D/);
  });

  it('try one case in one process', async () => {
    const report = await checkDevice('cpu', { case: 'gradient n=7 values=integers', processes: 3 });
    expect(report.groups).toMatchObject([{ group: 'gradient', cases: 1, state: 'passed' }]);
  });
});
