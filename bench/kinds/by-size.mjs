import { withDevice } from '../harness/ours.mjs';

/** Measures a case's sizes on its device, one after the other. */
export function bySize(measureSize) {
  return async (one, context) => {
    const device = await context.deviceFor(one);
    if (device === undefined) return [];
    return await withDevice(device.id, async (opened) => {
      const results = [];
      for (const columns of context.sizes(one))
        results.push(await measureSize(one, columns, opened, context));
      return results;
    });
  };
}

/** Measures a case's shapes on its device, one after the other. */
export function byShape(measureShape) {
  return async (one, context) => {
    const device = await context.deviceFor(one);
    if (device === undefined) return [];
    return await withDevice(device.id, async (opened) => {
      const results = [];
      for (const shape of one.shapes) results.push(await measureShape(one, shape, opened, context));
      return results;
    });
  };
}
