/** The drivers that devices are reached by. */
export type Backend = 'cpu' | 'hip' | 'opencl';

/** What is known of a device, as its driver tells it. */
export interface DeviceInfo {
  /** 'cpu', 'hip:0', 'opencl:0', …: what `openDevice` and the option `device` take. */
  readonly id: string;
  /** What it is reached by. */
  readonly backend: Backend;
  /** As its driver calls it, as 'AMD Radeon RX 6500 XT'. */
  readonly name: string;
  /** What it is; a processor that OpenCL offers, as PoCL does, is a 'cpu'. */
  readonly type: 'cpu' | 'gpu' | 'accelerator';
  /** Who made it. */
  readonly vendor: string;
  /** Version of the driver; for the CPU device, the instruction-set level in use. */
  readonly driver: string;
  /** The compiler's name of the processor, as 'gfx1030', where the driver tells. */
  readonly isa?: string;
  /** Where the card stands, as '0000:03:00.0', where the driver tells: HIP and OpenCL see one card under two ids. */
  readonly pci?: string;
  /** How many compute units it has; of the CPU device, how many threads compute. */
  readonly computeUnits: number;
  /** How many bytes its memory has, used ones included. */
  readonly memoryBytes: number;
  /** Whether the device computes in float64. */
  readonly float64: boolean;
}
