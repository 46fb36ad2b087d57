import { systemText } from '../drivers/system/files';

/** The Linux distribution, as /etc/os-release tells. */
export interface Distribution {
  readonly name: string;
  /** Whose packages it has; undefined for others. */
  readonly family?: 'arch' | 'debian' | 'fedora';
}

const relatives = {
  arch: ['arch', 'manjaro', 'endeavouros', 'cachyos'],
  debian: ['debian', 'ubuntu', 'linuxmint', 'pop'],
  fedora: ['fedora', 'rhel', 'centos'],
} as const;

export async function readDistribution(): Promise<Distribution> {
  const text = (await systemText('/etc/os-release')) ?? '';
  const field = (key: string): string | undefined =>
    new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  const ids = `${field('ID') ?? ''} ${field('ID_LIKE') ?? ''}`.split(' ');
  const name = field('PRETTY_NAME') ?? 'an unknown distribution';
  for (const family of ['arch', 'debian', 'fedora'] as const) {
    if (relatives[family].some((id) => ids.includes(id))) return { name, family };
  }
  return { name };
}
