import { type Kfd, readKfd } from '../../lib/drivers/system/kfd';
import {
  type Machine,
  cpuNode,
  fakeMachine,
  mi210,
  mi300x,
  radeonPro,
  rx6500xt,
  rx9060xt,
  strixHalo,
} from './machine';

async function kfdOf(machine: Machine): Promise<Kfd> {
  process.env['THALWEG_SYSTEM_ROOT'] = fakeMachine(machine);
  try {
    return await readKfd();
  } finally {
    delete process.env['THALWEG_SYSTEM_ROOT'];
  }
}

it('reads an RX 6500 XT', async () => {
  expect(await kfdOf({ nodes: [cpuNode, rx6500xt] })).toEqual({
    state: 'read',
    gpus: [
      {
        node: 1,
        target: 'gfx1034',
        version: { major: 10, minor: 3, step: 4 },
        simdCount: 32,
        waveFrontSize: 32,
        renderMinor: 128,
      },
    ],
    hidden: [],
  });
});

it('counts processors among the nodes, and orders them by number', async () => {
  const nodes = [cpuNode, cpuNode, ...Array.from({ length: 9 }, () => mi300x)];
  const { gpus } = await kfdOf({ nodes });
  expect(gpus.map(({ node }) => node)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

it.each([
  ['an RX 6500 XT with an RX 9060 XT', [cpuNode, rx6500xt, rx9060xt], ['gfx1034', 'gfx1200'], [32, 32]],
  ['an MI300X with an MI210', [cpuNode, mi300x, mi210], ['gfx942', 'gfx90a'], [64, 64]],
  ['a Polaris card', [cpuNode, radeonPro], ['gfx803'], [64]],
  ['a processor with a GPU', [cpuNode, strixHalo], ['gfx1151'], [32]],
  ['processors alone', [cpuNode, cpuNode], [], []],
])('names the targets of %s', async (_name, nodes, targets, waves) => {
  const { state, gpus } = await kfdOf({ nodes });
  expect(state).toBe('read');
  expect(gpus.map(({ target }) => target)).toEqual(targets);
  expect(gpus.map(({ waveFrontSize }) => waveFrontSize)).toEqual(waves);
});

it('tells a GPU without a render node', async () => {
  const { gpus } = await kfdOf({ nodes: [{ ...(rx6500xt as object), drm_render_minor: 0 }] });
  expect(gpus).toHaveLength(1);
  expect(gpus[0]).not.toHaveProperty('renderMinor');
});

it('tells a machine without the driver from one that may not be read', async () => {
  expect(await kfdOf({})).toEqual({ state: 'absent', gpus: [], hidden: [] });
  expect(await kfdOf({ nodes: ['unreadable'] })).toEqual({ state: 'unreadable', gpus: [], hidden: [0] });
});

it('reads the nodes that a container was given, counting as the runtime does, and names the others', async () => {
  const kfd = await kfdOf({ nodes: [cpuNode, 'unreadable', rx9060xt] });
  expect(kfd).toMatchObject({ state: 'read', gpus: [{ node: 1, target: 'gfx1200' }], hidden: [1] });
});

it('takes a file without a target for one that cannot be read', async () => {
  const { state, gpus, hidden } = await kfdOf({ nodes: [cpuNode, { simd_count: 4 }] });
  expect({ state, gpus, hidden }).toEqual({ state: 'read', gpus: [], hidden: [1] });
});
