/**
 * A result's figures beside what is to be reached.
 *
 * @returns for each target of the case that applies: { against | value, of?, figure, unit?, atLeast?, atMost?, met? }
 */
export function ratios(one, result) {
  return one.targets
    .filter(({ sizes }) => sizes === undefined || sizes.includes(result.columns))
    .map((target) => ({ ...target, sizes: undefined, figure: figure(target, result) }))
    .filter((target) => target.figure !== undefined)
    .map((target) => ({ ...target, met: met(target) }));
}

function figure({ value, against, of = 'thalweg' }, { contenders, values }) {
  if (value !== undefined) return values?.[value];
  const [ours, theirs] = [contenders[of], contenders[against]];
  if (ours === undefined || theirs === undefined) return undefined;
  // Of the read it is the share of its speed: it reads X alone, a pass y as well.
  if (against === 'read') return ours.gigabytesPerSecond / theirs.gigabytesPerSecond;
  return theirs.seconds / ours.seconds;
}

function met({ figure: reached, atLeast, atMost }) {
  if (atLeast !== undefined) return reached >= atLeast;
  if (atMost !== undefined) return reached <= atMost;
  return undefined;
}
