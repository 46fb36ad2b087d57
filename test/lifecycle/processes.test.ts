import { allConfigurations } from '../support/each-device';
import { forked } from './forked';

const devices = allConfigurations.filter(({ thorough }) => thorough);

describe.each(devices)('the end of a process on $title', ({ info, environment }) => {
  const { id } = info;

  it.each([
    'process.exit during the listing',
    'process.exit while a device opens',
    'process.exit during an upload',
    'process.exit during a descent',
    'process.exit in onProgress',
  ])('leaves its own exit code: %s', async (stage) => {
    expect(await forked('exit.cjs', [stage, id], environment)).toMatchObject({
      code: 3,
      signal: null,
      stderr: '',
    });
  });

  it('comes by itself, with a device left open', async () => {
    const ending = await forked('exit.cjs', ['device left open', id], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stdout: '1\n', stderr: '' });
  });

  it('is that of an uncaught exception during a descent', async () => {
    const ending = await forked('exit.cjs', ['an uncaught exception during a descent', id], environment);
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.stderr).toContain('Error: uncaught');
  });

  it('is that of a descent which nobody caught', async () => {
    const ending = await forked('exit.cjs', ['an unhandled rejection of a descent', id], environment);
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.stderr).toContain('ERR_DIVERGED');
  });

  it('is not hurried by a matrix disposed of while a descent uses it', async () => {
    const ending = await forked('exit.cjs', ['a matrix collected during a descent', id], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stdout: 'stopped\n', stderr: '' });
  });

  it('survives workers that train, end and are terminated in a descent', async () => {
    const ending = await forked('workers.cjs', [id, '20'], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    const said = JSON.parse(ending.stdout) as string[];
    expect(said).toHaveLength(20);
    expect(said.filter((word) => word === 'running')).toHaveLength(5);
    expect(said.filter((word) => word === '2.000000')).toHaveLength(15);
  });
});

it('gives the memory of forgotten matrices back', async () => {
  const ending = await forked('memory.cjs', []);
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  // Thirty were made and forgotten.
  expect(Number(ending.stdout)).toBeLessThan(5);
});
