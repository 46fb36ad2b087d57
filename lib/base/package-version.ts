/** This package's version. */
export function packageVersion(): string {
  // As a module, which a bundler takes along.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('../../package.json') as { readonly version: string }).version;
}
