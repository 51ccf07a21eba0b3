import type { Refusal } from './model.ts';

/** Faults and limits, as clients see them in `extensions.code`. A closed set. Refused events are not faults: see `Refusal`. */
export const FAULT_CODES = [
  'READ_ONLY_STORE',
  'STORE_BUSY',
  'STORE_FULL',
  'STORE_CORRUPT',
  'STORE_UNAVAILABLE',
  'INVALID_CURSOR',
  'LIMIT_EXCEEDED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_REQUEST',
  'INTERNAL',
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

/** An error that a person can act on: its message names what is wrong and the remedy, and may be shown to any client. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Fault';
    this.code = code;
  }
}

/** What a recorder rejects with when a store refuses events: nothing of their batch was written. */
export class RecordingRefused extends Error {
  /** Why, with stable codes; never empty. */
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ code, message }) => `${code}: ${message}`).join('\n'));
    this.name = 'RecordingRefused';
    this.refusals = refusals;
  }
}
