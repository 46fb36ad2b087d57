import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Entry {
  readonly resolved?: string;
  readonly libc?: string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const file = path.join(__dirname, '..', '..', 'package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const entries = Object.entries(packages);

/** Where Node looks for a package from the folder of another, nearest first. */
function placesOf(name: string, folder: string): string[] {
  const ends = [...folder.matchAll(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+/g)].map(
    ({ index, 0: part }) => folder.slice(0, index + part.length) + '/',
  );
  return ['', ...ends].reverse().map((place) => `${place}node_modules/${name}`);
}

// An entry that is missing, or written by one version of npm and dropped by another, is a lock file that `npm install`
// changes in every fresh clone.
describe('package-lock.json', () => {
  it('has every package that another needs, those for other platforms included', () => {
    const missing = entries.flatMap(([folder, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !placesOf(name, folder).some((place) => place in packages))
        .map((name) => `${name}, which ${folder} needs`),
    );
    expect(missing).toEqual([]);
    expect(entries.length).toBeGreaterThan(100);
  });

  it('names no registry, and has no libc, which npm 11 writes and npm 10 removes', () => {
    const odd = entries.filter(([, { resolved, libc }]) => resolved !== undefined || libc !== undefined);
    expect(odd.map(([folder]) => folder)).toEqual([]);
  });
});
