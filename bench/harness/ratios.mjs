import { median } from './race.mjs';

/**
 * How many times as fast one contender is as another: the median over the rounds, in each of which they took their turns
 * shortly after each other. From one second to the next the memory of a virtual machine may be half as fast, and a ratio
 * of two medians would set one such second against another. What was recorded without turns has only those.
 */
function timesAsFast(one, other) {
  if (one.turns === undefined || one.turns.length !== other.turns?.length) return other.seconds / one.seconds;
  return median(one.turns.map((seconds, round) => other.turns[round] / seconds));
}

/** A contender's speed as a share of the read's, in bytes a second: a pass reads y as well. */
export function shareOfRead(contender, read) {
  const gigabytes = (one) => one.gigabytesPerSecond * one.seconds;
  return timesAsFast(contender, read) * (gigabytes(contender) / gigabytes(read));
}

/**
 * A result's figures beside what is to be reached.
 *
 * @returns for each target of the case that applies: { against | value, of?, figure, unit?, atLeast?, atMost?, met? }
 */
export function ratios(one, result) {
  return one.targets
    .filter(({ sizes }) => sizes === undefined || sizes.includes(result.columns))
    .filter(({ batchSizes }) => batchSizes === undefined || batchSizes.includes(result.batchSize))
    .map((target) => ({ ...target, sizes: undefined, batchSizes: undefined, figure: figure(target, result) }))
    .filter((target) => target.figure !== undefined)
    .map((target) => ({ ...target, met: met(target) }));
}

function figure({ value, against, of = 'thalweg' }, { contenders, values }) {
  if (value !== undefined) return values?.[value];
  const [ours, theirs] = [contenders[of], contenders[against]];
  if (ours === undefined || theirs === undefined) return undefined;
  return against === 'read' ? shareOfRead(ours, theirs) : timesAsFast(ours, theirs);
}

function met({ figure: reached, atLeast, atMost }) {
  if (atLeast !== undefined) return reached >= atLeast;
  if (atMost !== undefined) return reached <= atMost;
  return undefined;
}
