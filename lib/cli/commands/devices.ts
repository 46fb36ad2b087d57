import { type DeviceInfo, devices } from '../../index';
import { type Context, print, printJson } from '../terminal/context';
import { colors, number } from '../terminal/format';
import { table } from '../terminal/table';

/** Lists the devices. */
export async function listDevices({ json }: Context): Promise<number> {
  const found = await devices();
  if (json) {
    printJson(found);
    return 0;
  }
  print(
    table(['device', 'name', 'type', 'units', 'memory', 'float64', 'driver'], found.map(deviceRow), [3, 4]),
  );
  if (!found.some(({ type }) => type === 'gpu')) {
    print(['', colors.dim('No GPU among them? thalweg doctor says why.')]);
  }
  return 0;
}

function deviceRow({
  id,
  name,
  isa,
  type,
  computeUnits,
  memoryBytes,
  float64,
  driver,
}: DeviceInfo): string[] {
  const fullName = isa === undefined ? name : `${name} (${isa})`;
  return [id, fullName, type, number(computeUnits), gibibytes(memoryBytes), float64 ? 'yes' : 'no', driver];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
