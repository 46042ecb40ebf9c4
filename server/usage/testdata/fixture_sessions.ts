// The recorded sessions, read as a follower would: bytes through the splitter, lines through the parser.

import { addTokens, type ModelCall, NO_TOKENS, type TokenCounts } from "../model_call.ts";
import { LineSplitter } from "../line_splitter.ts";

/** Just after the recordings were made: none of their times lie in the future. */
export const AFTER_RECORDING_MS = Date.UTC(2026, 10, 23);

/** A recorded file's bytes. */
export function readFixture(path: string): Uint8Array {
  return Deno.readFileSync(new URL(path, import.meta.url));
}

/** Parsed JSON of a recorded file. */
export function readFixtureJson(path: string): unknown {
  return JSON.parse(new TextDecoder().decode(readFixture(path)));
}

/** Every event of a file, read in chunks of `chunkBytes`. */
export function eventsOf<Event>(
  path: string,
  feed: (line: string, context: { nowMs: number; offset: number }) => Event[],
  chunkBytes = 997,
): Event[] {
  const bytes = readFixture(path);
  const splitter = new LineSplitter();
  const events: Event[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    for (const line of splitter.push(bytes.subarray(at, at + chunkBytes))) {
      events.push(...feed(line.text, { nowMs: AFTER_RECORDING_MS, offset: line.offset }));
    }
  }
  return events;
}

/** The calls that stand in the end: the last version of each key. */
export function callsOf(events: ReadonlyArray<{ kind: string; call?: ModelCall }>): ModelCall[] {
  const calls = new Map<string, ModelCall>();
  for (const event of events) if (event.call !== undefined) calls.set(event.call.key, event.call);
  return [...calls.values()];
}

/** The sum by class, with cache writes together as `expected.json` has them. */
export function sumOf(calls: readonly TokenCounts[]): {
  input: number;
  cache_read: number;
  cache_write: number;
  output: number;
} {
  const sum = calls.reduce<TokenCounts>(addTokens, NO_TOKENS);
  return {
    input: sum.input,
    cache_read: sum.cacheRead,
    cache_write: sum.cacheWrite5m + sum.cacheWrite1h,
    output: sum.output,
  };
}
