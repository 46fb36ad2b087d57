import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type NativeKernelProgram, addon } from '../../lib/addon/native';

const folder = path.join(__dirname, '..', '..', 'kernels');

function programsOf(shape: 'wide' | 'rows', isa: string, groupSize = 256): NativeKernelProgram[] {
  return addon().kernelPrograms({ shape, isa, groupSize, localBytes: 65_536, float64: true });
}

/** The value of a definition, for a program that has it. */
function valueOf({ defines }: NativeKernelProgram, name: string): number | undefined {
  const found = defines.find((define) => define.startsWith(`${name}=`));
  return found === undefined ? undefined : Number(found.slice(name.length + 1));
}

describe('the programs of kernels', () => {
  it.each(['wide', 'rows'] as const)('hold every kernel file of the %s shape', (shape) => {
    const other = shape === 'wide' ? '.rows.' : '.wide.';
    const files = readdirSync(folder).filter((file) => file.endsWith('.cl') && !file.includes(other));
    const used = new Set(programsOf(shape, 'gfx1030').map((program) => program.files.at(-1)));
    expect([...used].sort()).toEqual(files.sort());
  });

  it('name only files that there are', () => {
    const named = new Set(
      ['wide', 'rows']
        .flatMap((shape) => programsOf(shape as 'wide', 'gfx1030'))
        .flatMap(({ files }) => files),
    );
    for (const file of named) expect(readFileSync(path.join(folder, file), 'utf8')).not.toBe('');
  });

  it('are the same for all GPUs of a class, and others for RDNA than for GCN and CDNA', () => {
    const [gcn, rdna] = [programsOf('wide', 'gfx803'), programsOf('wide', 'gfx1010')];
    for (const isa of ['gfx906', 'gfx908', 'gfx90a', 'gfx942']) expect(programsOf('wide', isa)).toEqual(gcn);
    for (const isa of ['gfx1030', 'gfx1034', 'gfx1100', 'gfx1201']) {
      expect(programsOf('wide', isa)).toEqual(rdna);
    }
    expect(rdna).not.toEqual(gcn);
  });

  it.each([1, 2, 4, 8, 16, 64, 256])('keep a tile within a group of %d work-items', (groupSize) => {
    const tiled = programsOf('wide', 'gfx1030', groupSize).filter(
      (program) =>
        program.files.includes('lanes.wide.h') &&
        !['gradient.narrow.wide.cl', 'steps.wide.cl'].includes(program.files.at(-1) ?? ''),
    );
    expect(tiled.length).toBeGreaterThan(0);
    for (const program of tiled) {
      const lanes = valueOf(program, 'ROW_LANES') ?? NaN;
      expect(groupSize % lanes).toBe(0);
      // A work-item finishes one row at most, where it does not have rows of its own.
      const finished = lanes === 1 ? groupSize : (groupSize / lanes) * (valueOf(program, 'ROWS') ?? NaN);
      expect(finished).toBeLessThanOrEqual(groupSize);
      expect((valueOf(program, 'COLUMNS') ?? 0) % (valueOf(program, 'PACK') ?? NaN)).toBe(0);
    }
  });

  it.each([1, 2, 4, 8, 16, 64, 256])('take small steps in a group of at most %d work-items', (groupSize) => {
    const steps = programsOf('wide', 'gfx1030', groupSize).filter(
      (program) => program.files.at(-1) === 'steps.wide.cl',
    );
    expect(steps.length).toBeGreaterThan(0);
    for (const program of steps) {
      const [group = NaN, lanes = NaN, rows = NaN] = ['GROUP_SIZE', 'ROW_LANES', 'ROWS'].map((name) =>
        valueOf(program, name),
      );
      expect(group).toBeLessThanOrEqual(groupSize);
      expect(group % lanes).toBe(0);
      // A work-item finishes one row at most.
      expect(rows).toBeLessThanOrEqual(lanes);
    }
    // No more work-items than a row needs: single rows of one column have one.
    expect(steps.map((program) => valueOf(program, 'GROUP_SIZE'))).toContain(1);
  });
});
