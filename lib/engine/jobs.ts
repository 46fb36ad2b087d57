import type { Device } from '../devices/device';
import { cancelledCode, fromNative } from '../base/native-errors';
import type { NativeJob } from '../addon/native';

/** What may end a job early: a signal, or a callback that throws. */
export class Interruption {
  #cancel: (() => void) | undefined;
  #isAsked = false;
  #failure: { readonly reason: unknown } | undefined;

  constructor(private readonly signal: AbortSignal | undefined) {}

  /** Ends the job, which then rejects: whoever calls this knows why. */
  readonly cancel = (): void => {
    this.#isAsked = true;
    this.#cancel?.();
  };

  /** Runs a callback of the user's; what it throws ends the job and becomes its reason. */
  guard(callback: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      callback();
    } catch (reason) {
      this.#failure = { reason };
      this.#cancel?.();
    }
  }

  /**
   * Awaits the job; a cancel rejects with its reason, any other failure with a ThalwegError. A device that does not
   * answer a cancel in time is left behind.
   */
  async run<Result>(device: Device, job: NativeJob<Result>): Promise<Result> {
    let ended: (() => void) | undefined;
    const cancel = (): void => {
      job.cancel();
      ended ??= device.expectEnd(() => job.giveUp());
    };
    this.#cancel = cancel;
    if (this.signal?.aborted === true || this.#failure !== undefined || this.#isAsked) cancel();
    this.signal?.addEventListener('abort', cancel, { once: true });
    try {
      const result = await job.promise;
      this.#rethrow();
      return result;
    } catch (error) {
      this.#rethrow();
      if ((error as { code?: unknown }).code === cancelledCode) throw this.signal?.reason;
      const failure = fromNative(error);
      device.noteFailure(failure);
      this.signal?.throwIfAborted();
      throw failure;
    } finally {
      this.signal?.removeEventListener('abort', cancel);
      ended?.();
    }
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
