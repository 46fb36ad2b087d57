import { type Finding, ok, warning } from './finding';
import type { Machine } from './machine';

/** Whether a container was given the GPUs that the machine around it has. Nothing outside of containers. */
export function containerFindings({ container, cards, kfdNode, renderNodes }: Machine): Finding[] {
  if (container === undefined) return [];
  const given = [...(kfdNode === undefined ? [] : [kfdNode]), ...renderNodes].map(({ file }) => file);
  if (given.length > 0)
    return [ok('CONTAINER_FOUND', `This is a container (${container}) with ${given.join(', ')}.`)];
  if (cards.every(({ maker }) => maker === 'NVIDIA')) {
    return [ok('CONTAINER_FOUND', `This is a container (${container}); it shows no GPU of AMD or Intel.`)];
  }
  return [
    warning(
      'CONTAINER_WITHOUT_GPU',
      `This is a container (${container}), and the machine's GPU was not passed into it: no /dev/kfd, no /dev/dri.`,
    ),
  ];
}
