import type * as NodeCrypto from 'node:crypto';
import { lazily } from './lazily';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const crypto = lazily(() => require('node:crypto') as typeof NodeCrypto);

/** 16 hexadecimal digits that nobody foresees. */
export function randomHex(): string {
  return crypto().randomBytes(8).toString('hex');
}
