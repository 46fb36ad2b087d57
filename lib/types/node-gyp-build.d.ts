declare module 'node-gyp-build' {
  const nodeGypBuild: {
    (packageFolder: string): unknown;
    /** The addon that would be loaded; throws where there is none. */
    path(packageFolder: string): string;
  };
  export = nodeGypBuild;
}
