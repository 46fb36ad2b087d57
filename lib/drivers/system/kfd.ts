import path from 'node:path';
import { systemFolder, systemText } from './files';

const NODES = '/sys/class/kfd/kfd/topology/nodes';

/** A GPU as the kernel's driver for AMD compute shows it. */
export interface KfdGpu {
  /**
   * The number that per-node variables such as HSA_OVERRIDE_GFX_VERSION_1 mean: AMD's runtime counts processors, too,
   * and not the nodes that it may not read.
   */
  readonly node: number;
  /** The compiler's name of the processor, as 'gfx1034'. */
  readonly target: string;
  readonly version: GfxVersion;
  readonly simdCount: number;
  /** 32 on RDNA, 64 on CDNA and GCN; what kernels use is for their compiler to choose. */
  readonly waveFrontSize: number;
  /** 128 for /dev/dri/renderD128; absent where the node has none. */
  readonly renderMinor?: number;
}

export interface GfxVersion {
  readonly major: number;
  readonly minor: number;
  readonly step: number;
}

/** What the topology shows. */
export interface Kfd {
  /** 'absent' without the driver; 'unreadable' where not one node can be read. */
  readonly state: 'absent' | 'unreadable' | 'read';
  readonly gpus: readonly KfdGpu[];
  /** Indices of the nodes that this process may not read, as in a container that was given some of the GPUs. */
  readonly hidden: readonly number[];
}

/** Reads the kernel's list of AMD GPUs; never throws. */
export async function readKfd(): Promise<Kfd> {
  const names = await systemFolder(NODES);
  if (names === undefined) return { state: 'absent', gpus: [], hidden: [] };
  const indices = names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
  const nodes = await Promise.all(indices.map(readNode));
  const hidden = indices.filter((_, i) => nodes[i] === 'hidden');
  const gpus = nodes
    .filter((node) => node !== 'hidden')
    .flatMap((gpu, node) => (gpu === 'cpu' ? [] : [{ node, ...gpu }]));
  return { state: hidden.length === nodes.length ? 'unreadable' : 'read', gpus, hidden };
}

async function readNode(index: number): Promise<Omit<KfdGpu, 'node'> | 'cpu' | 'hidden'> {
  const text = await systemText(path.join(NODES, String(index), 'properties'));
  const properties = new Map(
    [...(text ?? '').matchAll(/^(\w+) (\d+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
  const target = properties.get('gfx_target_version');
  if (target === undefined) return 'hidden';
  if (target === 0) return 'cpu';
  const version = gfxVersion(target);
  const renderMinor = properties.get('drm_render_minor') ?? 0;
  return {
    target: gfxName(version),
    version,
    simdCount: properties.get('simd_count') ?? 0,
    waveFrontSize: properties.get('wave_front_size') ?? 0,
    ...(renderMinor === 0 ? {} : { renderMinor }),
  };
}

/** From major·10000 + minor·100 + step, as the kernel writes it. */
function gfxVersion(target: number): GfxVersion {
  return {
    major: Math.floor(target / 10_000),
    minor: Math.floor(target / 100) % 100,
    step: target % 100,
  };
}

/** 'gfx90a' of 9.0.10: minor and step are hexadecimal digits in the compiler's names. */
export function gfxName({ major, minor, step }: GfxVersion): string {
  return `gfx${major}${minor.toString(16)}${step.toString(16)}`;
}
