/**
 * What `load` gives, loaded when it is first asked for: for modules that take milliseconds to load and that many
 * processes never use. They are required, since import() needs a flag under Jest, which loads them anew where its module
 * registry was reset since: so those that descents and devices need are handed whatever has classes or state.
 */
export function lazily<Loaded extends object>(load: () => Loaded): () => Loaded {
  let loaded: Loaded | undefined;
  return () => (loaded ??= load());
}
