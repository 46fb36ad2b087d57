import { type Finding, ok, problem, warning } from './finding';
import { type Machine, amdNames, hasAmd } from './machine';

/** What the kernel's driver for AMD compute shows: /dev/kfd and its topology. */
export function kfdFinding(machine: Machine): Finding {
  const { kfd, kfdNode } = machine;
  if (kfdNode === undefined) {
    return hasAmd(machine)
      ? problem('KFD_MISSING', `There is an AMD GPU (${amdNames(machine)}), and no /dev/kfd to reach it by.`)
      : ok('KFD_NONE', 'There is no AMD GPU, and so no /dev/kfd.');
  }
  if (!kfdNode.open) {
    return problem('KFD_NO_ACCESS', 'You may not open /dev/kfd, by which ROCm reaches AMD GPUs.');
  }
  if (kfd.state !== 'read') {
    return warning(
      'KFD_UNREADABLE',
      '/dev/kfd is there, and /sys/class/kfd/kfd/topology cannot be read: which GPUs there are is not known.',
      'In a container, mount /sys; outside of one, restart the machine.',
    );
  }
  if (kfd.gpus.length === 0) {
    return warning('KFD_NO_GPU', '/dev/kfd is there, and the kernel shows no AMD GPU that can compute.');
  }
  const gpus = kfd.gpus.map(
    ({ target, node, simdCount, waveFrontSize }) =>
      `${target} (node ${node}, ${simdCount} SIMDs, waves of ${waveFrontSize})`,
  );
  return ok('KFD_READY', `/dev/kfd is open to you and shows ${gpus.join(', ')}.`);
}

/** The render nodes that drivers open, those of AMD's GPUs above all. Nothing where there is no card to need one. */
export function driFindings(machine: Machine): Finding[] {
  const { kfd, renderNodes, cards } = machine;
  const needed = kfd.gpus.flatMap(({ renderMinor }) =>
    renderMinor === undefined ? [] : [`/dev/dri/renderD${renderMinor}`],
  );
  const missing = needed.filter((file) => !renderNodes.some((node) => node.file === file));
  if (missing.length > 0 || (renderNodes.length === 0 && hasAmd(machine))) {
    const names = missing.length > 0 ? missing.join(', ') : '/dev/dri/renderD*';
    return [problem('DRI_MISSING', `${names} of the AMD GPU (${amdNames(machine)}) is not there.`)];
  }
  if (renderNodes.length === 0 || cards.length + kfd.gpus.length === 0) return [];
  const closed = renderNodes.filter(({ open }) => !open).map(({ file }) => file);
  if (closed.length > 0) return [problem('DRI_NO_ACCESS', `You may not open ${closed.join(', ')}.`)];
  return [ok('DRI_READY', `${renderNodes.map(({ file }) => file).join(', ')}: open to you.`)];
}
