/** The drivers that devices are reached by. */
export type Backend = 'cpu' | 'hip' | 'opencl';

/** What is known of a device. */
export interface DeviceInfo {
  /** 'cpu', 'hip:0', 'opencl:0', … */
  readonly id: string;
  readonly backend: Backend;
  readonly name: string;
  readonly type: 'cpu' | 'gpu' | 'accelerator';
  readonly vendor: string;
  /** Version of the driver; for the CPU device, the instruction-set level in use. */
  readonly driver: string;
  /** The compiler's name of the processor, as 'gfx1030', where the driver tells. */
  readonly isa?: string;
  /** Where the card stands, as '0000:03:00.0', where the driver tells: HIP and OpenCL see one card under two ids. */
  readonly pci?: string;
  readonly computeUnits: number;
  readonly memoryBytes: number;
  /** Whether the device computes in float64. */
  readonly float64: boolean;
}
