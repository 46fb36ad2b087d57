/** What is used of Jest, which is loaded by those who run it and never by this package. */
export interface JestGlobals {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: (name: string, body: () => void | Promise<void>) => void;
  readonly beforeAll: (body: () => Promise<void>) => void;
  readonly afterAll: (body: () => Promise<void>) => void;
  readonly expect: { readonly extend: (matchers: object) => void };
}

/** Jest's functions: global ones, or under `injectGlobals: false` those of `@jest/globals`. */
export function jestGlobals(): JestGlobals {
  if ('describe' in globalThis && 'expect' in globalThis) return globalThis as unknown as JestGlobals;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- Jest itself answers this one
    return require('@jest/globals') as JestGlobals;
  } catch (cause) {
    throw new Error('thalweg/jest is for test files that Jest runs', { cause });
  }
}
