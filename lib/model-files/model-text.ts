import type { Model } from './model-schema';

// Apart from what checks a file, so that who writes one alone does not load that.

/** More than so many would be a line each for nobody. */
const MOST_LINES = 100_000;

/** The text of a model's file. */
export function modelText(model: Model): string {
  const weights = (model.layer?.weights ?? []).reduce((sum, row) => sum + row.length, 0);
  const isLong =
    Math.max(weights, model.features?.length ?? 0, model.neuron?.weights.length ?? 0) > MOST_LINES;
  return `${isLong ? JSON.stringify(model) : JSON.stringify(model, null, 2)}\n`;
}
