import { readdirSync } from 'node:fs';
import path from 'node:path';
import { data, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();

const command = [data('diabetes.csv'), '--target', 'progression', '--device', 'cpu'];

test.each([
  ['device', 'device'],
  ['host', 'device'],
  ['disk', 'disk'],
])('--residency %s prints what it prints without', async (residency, there) => {
  const expected = await fitJson(command);
  const env = { THALWEG_SPOOL: path.join(folder, residency), THALWEG_SPOOL_MEMORY: '0' };
  const found = await fitJson([...command, '--residency', residency], { env });
  const apart = { seconds: expect.any(Number) as number };
  expect(found).toEqual({ ...expected, ...apart, residency: there });
  expect(expected.residency).toBe('device');
});

test('the folder is made where it is needed, and nothing is left in it', async () => {
  const spool = path.join(folder, 'made', 'here');
  const env = { THALWEG_SPOOL: spool, THALWEG_SPOOL_MEMORY: '0' };
  const { code, stdout } = await thalweg(['fit', ...command, '--residency', 'disk'], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/device .*, rows on disk/);
  expect(readdirSync(spool)).toEqual([]);
});

test('another --residency is wrong usage', async () => {
  const { code, stderr } = await thalweg([
    'fit',
    data('diabetes.csv'),
    '-t',
    'progression',
    '--residency',
    'tape',
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--residency.*auto, device, host, disk/);
});
