/**
 * What the peers in JavaScript share: requests as lines of JSON on standard input, answers likewise on standard output.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The first values of a file of float32. */
export function readValues(file, count) {
  const { buffer, byteOffset } = readFileSync(file);
  return new Float32Array(buffer, byteOffset, count);
}

export function expectFloat32({ dtype }) {
  if (dtype !== 'float32') throw new Error('float32 alone');
}

/** Answers requests until there are no more, one at a time. */
export async function serve(answers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    console.log(JSON.stringify(await answers[request.do](request)));
  }
}
