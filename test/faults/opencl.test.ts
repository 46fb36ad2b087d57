import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describeWithOpenclFaults } from '../support/each-device';
import { cleanEnd } from '../support/forked';
import { type EndingInLines, faultsLibrary, forkedWithFaults, program } from './with-faults';
import { type Outcome, groups, rightVerdict, verdictOf, walk } from './walk';

const root = path.join(__dirname, '..', '..');
const codes = Object.assign({}, ...groups) as (typeof groups)[number];
const functions = Object.keys(codes);

/** The functions that the addon loads, as it declares them. */
function loadedFunctions(): string[] {
  const header = readFileSync(path.join(root, 'native', 'device', 'drivers', 'opencl', 'api.h'), 'utf8');
  return [...header.matchAll(/^ {2}\w+ \(\*(cl\w+)\)\(/gm)].map(([, name]) => name as string);
}

describe('the library of faults', () => {
  it('has every function that thalweg loads, and each is made to fail below', () => {
    const symbols = execFileSync('nm', ['-D', '--defined-only', faultsLibrary()], { encoding: 'utf8' });
    const exported = [...symbols.matchAll(/ T (cl\w+)$/gm)].map(([, name]) => name);
    expect(exported.sort()).toEqual(loadedFunctions().sort());
    expect(functions.sort()).toEqual(loadedFunctions().sort());
  });
});

describeWithOpenclFaults('a call that fails', () => {
  const walks = new Map<string, EndingInLines>();

  beforeAll(async () => {
    const waiting = [...groups];
    const worker = async (): Promise<void> => {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        const ending = await walk(group);
        for (const called of Object.keys(group)) walks.set(called, ending);
      }
    };
    await Promise.all(Array.from({ length: Math.min(availableParallelism(), groups.length) }, worker));
  }, 300_000);

  it.each(functions)('has its error, leaves nothing behind and ends nothing else: %s', (called) => {
    const { lines = [], ...ending } = walks.get(called) ?? {};
    expect(ending).toEqual(cleanEnd);
    const outcomes = (lines as Outcome[]).filter((line) => line.called === called);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.map(verdictOf)).toEqual(
      outcomes.map((outcome) => rightVerdict(outcome, codes[called] ?? {})),
    );
  });

  it('leaves nothing alive at the end of a process', () => {
    const ends = new Set([...walks.values()].map(({ lines }) => lines.at(-1)));
    expect(ends.size).toBe(groups.length);
    for (const { end } of ends as Set<{ end: Record<string, number> }>)
      expect(Object.entries(end).filter(([, count]) => count !== 0)).toEqual([]);
  });

  it('is a finding where it keeps devices from being found', async () => {
    const diagnose = `require('./dist').diagnose().then((found) => console.log(JSON.stringify(found)))`;
    const findings = async (fault: string): Promise<(string | undefined)[]> => {
      const ending = await forkedWithFaults('-e', [diagnose], { OPENCL_FAULTS: fault });
      expect(ending).toMatchObject(cleanEnd);
      const [found] = ending.lines as [{ findings: { code: string; level: string; what: string }[] }];
      const problem = found.findings.find(({ code, level }) => code.startsWith('OPENCL') && level !== 'ok');
      return [problem?.code, /CL_\w+ \(-\d+\)|OpenCL status -\d+/.exec(problem?.what ?? '')?.[0]];
    };
    const fault = (called: string): string => `${called}:1=-5+`;
    const reason = 'CL_OUT_OF_RESOURCES (-5)';
    expect(await findings(fault('clGetPlatformIDs'))).toEqual(['OPENCL_LOADER_BROKEN', reason]);
    expect(await findings(fault('clGetPlatformInfo'))).toEqual(['OPENCL_PLATFORM_BROKEN', reason]);
    expect(await findings(fault('clGetDeviceIDs'))).toEqual(['OPENCL_PLATFORM_BROKEN', reason]);
    expect(await findings(fault('clGetDeviceInfo'))).toEqual(['OPENCL_DEVICE_UNUSABLE', reason]);
  });
});

describeWithOpenclFaults('a device that is lost', () => {
  let ending: EndingInLines;

  beforeAll(async () => {
    ending = await forkedWithFaults(program('lost.cjs'));
  });

  it('fails what runs on it and what waits for it, and can be closed', () => {
    expect(ending).toMatchObject(cleanEnd);
    const lost = 'ERR_DEVICE_LOST';
    expect(ending.lines[0]).toMatchObject({
      shared: { running: lost, others: [lost, lost, lost], closing: 'completed', later: 'ERR_DISPOSED' },
    });
  });

  it('leaves nothing alive', () => {
    const [{ live }] = ending.lines as [{ live: Record<string, number> }];
    expect(Object.entries(live)).toContainEqual(['context', 0]);
    expect(Object.entries(live).filter(([, count]) => count !== 0)).toEqual([]);
  });

  it('ends an upload in blocks', () => {
    expect(ending.lines[0]).toMatchObject({
      upload: { code: 'ERR_DEVICE_LOST', stopped: true, closing: 'completed' },
    });
  });

  it('is opened anew by the next call that names it', () => {
    expect(ending.lines[0]).toMatchObject({
      byName: {
        before: 'completed',
        during: ['ERR_DEVICE_LOST', 'ERR_DEVICE_LOST'],
        after: 'completed',
      },
    });
  });
});
