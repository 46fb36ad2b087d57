import { type Shape, type Settings, shapeOf } from '../addon/settings';
import type { NativePlan } from '../addon/native';
import { type Dtype, dtypesOf } from '../base/data-types';
import type { Device } from '../devices/device';
import { openDevice } from '../devices/open';

/** Columns beyond those that any kernel holds in registers: where plans no longer change. */
const mostColumns = 16_500;

/** As many as make a kernel for few rows not worth it. */
const manyRows = 300;

type Variables = Readonly<Record<string, string>>;

/** A device under check, as it is opened by anybody, and in other ways. */
export class Target {
  readonly #variants = new Map<string, Device>();
  readonly #plans = new Map<string, readonly NativePlan[]>();

  private constructor(
    readonly device: Device,
    /** Parameters of its kernels in place of those that it has. */
    private readonly settings: Settings | undefined,
    /** Fewer cases. */
    readonly quick: boolean,
  ) {}

  /** @throws ThalwegError as `openDevice` */
  static async open(id: string, quick: boolean, settings?: Settings): Promise<Target> {
    return new Target(await opened(id, settings), settings, quick);
  }

  get id(): string {
    return this.device.id;
  }

  get dtypes(): readonly Dtype[] {
    return dtypesOf(this.device.info);
  }

  /** Of its kernels; the CPU device has none. */
  get shape(): Shape | undefined {
    return shapeOf(this.device.info);
  }

  /** What is planned for 1, 2, … columns; none on the CPU device. */
  async plans(dtype: Dtype): Promise<readonly NativePlan[]> {
    const known = this.#plans.get(dtype);
    if (known !== undefined) return known;
    const plans = await this.device.native.plans(dtype, manyRows, mostColumns, 1);
    this.#plans.set(dtype, plans);
    return plans;
  }

  /** What is planned for batches of rows of n columns; undefined on the CPU device. */
  async planOfBatch(dtype: Dtype, n: number, batchSize: number): Promise<NativePlan | undefined> {
    return (await this.device.native.plans(dtype, batchSize, n, batchSize)).at(-1);
  }

  /** The device once more, opened with these environment variables, until `closeVariants`. */
  async variant(variables: Variables): Promise<Device> {
    const key = JSON.stringify(variables);
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const device = await withVariables(variables, () => opened(this.id, this.settings));
    this.#variants.set(key, device);
    return device;
  }

  async closeVariants(): Promise<void> {
    const devices = [...this.#variants.values()];
    this.#variants.clear();
    for (const device of devices) await device.close();
  }

  async close(): Promise<void> {
    await this.closeVariants();
    await this.device.close();
  }
}

async function opened(id: string, settings: Settings | undefined): Promise<Device> {
  const device = await openDevice(id);
  if (settings !== undefined) await device.native.configure(settings);
  return device;
}

/** The variables are those of a process that does nothing else. */
async function withVariables<Result>(variables: Variables, body: () => Promise<Result>): Promise<Result> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await body();
  } finally {
    for (const name of Object.keys(variables)) {
      const value = before[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}
