import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { data, json, temporaryFolder } from '../cli/thalweg';
import { plainEnvironment, root } from './run-example';

const folder = temporaryFolder();
let server: ChildProcess;
let address = '';

async function post(body: unknown): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${address}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

beforeAll(async () => {
  const model = path.join(folder, 'model.json');
  const features = ['--features', 'bmi,blood_pressure'];
  await json(['fit', data('diabetes.csv'), '--target', 'progression', ...features, '--output', model]);
  const example = path.join(root, 'examples', 'endpoint.js');
  server = spawn(process.execPath, [example, model, '0'], {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  address = said.toString().trim();
});

afterAll(async () => {
  server.kill();
  await once(server, 'close');
});

test('an endpoint says what it takes', async () => {
  expect(await (await fetch(address)).json()).toEqual({
    target: 'progression',
    columns: ['bmi', 'blood_pressure'],
  });
});

test('an endpoint predicts a row, and rows', async () => {
  const [low, high] = [
    { bmi: 20, blood_pressure: 80 },
    { bmi: 40, blood_pressure: 110 },
  ];
  const { status, answer } = await post([low, high]);
  expect(status).toBe(200);
  const [first, second] = answer as { value: number }[];
  expect(first?.value).toBeLessThan(second?.value ?? NaN);
  expect(await post(high)).toEqual({ status: 200, answer: second });
});

test('an endpoint says what is wrong with a row', async () => {
  const [missing, text] = [await post([{ bmi: 20 }]), await post([{ bmi: 'tall', blood_pressure: 80 }])];
  expect(missing).toMatchObject({ status: 400, answer: { code: 'ERR_COLUMN', column: 'blood_pressure' } });
  expect(text).toMatchObject({ status: 400, answer: { code: 'ERR_COLUMN', column: 'bmi', row: 0 } });
});
