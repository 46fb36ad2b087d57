import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type LaunchOptions, describeOnEachMpi, launched } from '../support/each-mpi';

const program = path.join(__dirname, 'failing.cjs');

function runs(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

/** Those of processes that still run some seconds after their launcher has ended. */
async function left(processes: readonly number[]): Promise<number[]> {
  for (let tries = 0; tries < 200; tries++) {
    if (!processes.some(runs)) return [];
    await setTimeout(50);
  }
  return processes.filter(runs);
}

describeOnEachMpi('a rank that fails takes the others along', (launcher) => {
  const run = (ranks: number, way: string, rank: number, options?: LaunchOptions, strategy = 'batch') =>
    launched(launcher, ranks, [program, way, String(rank), strategy], options);

  // All of them have caught the failure, or were ended with it: none waits for what does not come.
  test.each([
    ['not-finite', /rank 2 of 4: ERR_NOT_FINITE: X: row 3, column 2 is NaN/],
    ['columns', /X has 6 columns on rank 2, and X has 5 columns on rank 0/],
    ['label', /ERR_INVALID_ARGUMENT: y\[0\] is not allowed: the labels of loss 'log' are 0 and 1/],
    ['options', /l2 is 0.5 on rank 2, and l2 is 0 on rank 0/],
    ['class-weight', /classWeight is "balanced" on rank 2, and classWeight is not given on rank 0/],
    ['share', /validation is 0.25 on rank 2, and validation is 0.5 on rank 0/],
    ['patience', /patience is 3 on rank 2, and patience is not given on rank 0/],
    ['held-columns', /validation.X has 3 columns on rank 2, and validation.X has 5 columns on rank 0/],
    ['held-not-finite', /rank 2 of 4: ERR_NOT_FINITE: validation.X.* is NaN/],
    ['checkpoints', /checkpoint is {"path":"other.json".* on rank 2, and checkpoint is {"path":"one.json"/],
    ['nowhere-to-write', /rank 0 of 4: ERR_FILE: .*states.json/],
    [
      'states',
      /resumeFrom is "a state after 3 iterations .* on rank 2, and .* after 2 iterations .* on rank 0/,
    ],
    ['iterations', /all ranks must make the same calls in the same order/],
    ['cancelled', /rank 2 of 4: enough/],
    ['progress-throws', /rank 2 of 4: thrown by onProgress/],
    ['diverges', /ERR_DIVERGED: The descent diverged after/],
    ['throws-before', /this one gives up/],
    ['throws', /this one gives up/],
  ])('%s', async (way, message) => {
    const { code, stderr } = await run(4, way, 2);
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(stderr).toMatch(message);
  });

  // Between two averages a rank does not hear of the others.
  test.each([
    ['not-finite', /rank 2 of 4: ERR_NOT_FINITE: X: row 3, column 2 is NaN/],
    ['averages', /averageEvery is 6 on rank 2, and averageEvery is 5 on rank 0/],
    ['cancelled', /rank 2 of 4: enough/],
    ['progress-throws', /rank 2 of 4: thrown by onProgress/],
    ['diverges', /ERR_DIVERGED: The descent diverged after/],
    ['throws', /this one gives up/],
  ])('%s, among steps that ranks take each by itself', async (way, message) => {
    const { code, stderr } = await run(4, way, 2, {}, 'local');
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(stderr).toMatch(message);
  });

  test('one that ends before the others is told of', async () => {
    const { code, stderr } = await run(3, 'ends', 1);
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(stderr).toMatch(/ERR_RANK: rank 1 of 3 has ended/);
  });

  // MPICH's launcher loses what it has not read when it hears of an abort: one time in four or so, so that there are several.
  test('what ranks have said is told by a launcher that has had no time for it', async () => {
    for (let time = 0; time < 8; time++) {
      const { code, stderr } = await run(3, 'all-give-up', 0, { heldUp: 600 });
      expect(code).not.toBe(0);
      expect(code).not.toBeNull();
      expect(stderr).toMatch(/\[\d\] Error: this one gives up/);
    }
  });

  test.each(['exits', 'is-killed', 'is-terminated', 'is-hung-up'])('%s', async (way) => {
    const { code } = await run(4, way, 3);
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s to all of them', async (name) => {
    const { code, stdout } = await run(3, 'nothing', 0, { signal: name });
    // A launcher that hangs has no code. Which it has is its own affair: MPICH's is 0 at times.
    expect(code).not.toBeNull();
    const processes = [...stdout.matchAll(/under way: (\d+)/g)].map(([, id]) => Number(id));
    expect(processes).toHaveLength(3);
    expect(await left(processes)).toEqual([]);
  });
});
