// Looks whether the parts that no start has decoded are undamaged, when the
// page has nothing else to do: a reader is told now, and not when Python reads
// a file or an editor opens.

import type { DamagedPart, Payload } from './payload.ts';
import { whenIdle } from './turns.ts';

/** Begins no later than this after it was asked for. */
const IDLE_LIMIT_MS = 2000;

/** Calls `damaged` for each part that is. */
export async function verifyParts(
  payload: Payload,
  damaged: (error: DamagedPart) => void,
): Promise<void> {
  for (const { name, codec } of payload.parts) {
    // page.wasm was decoded, or nothing here would run.
    if (codec !== 'gzip') {
      await new Promise<void>((resolve) => whenIdle(resolve, IDLE_LIMIT_MS));
      await payload.verify(name).catch(damaged);
    }
  }
}
