declare module 'lz4js' {
  /** What an LZ4 frame holds. */
  export function decompress(frame: Uint8Array): Uint8Array;
  /** An LZ4 frame of these bytes. */
  export function compress(bytes: Uint8Array): Uint8Array;
}
