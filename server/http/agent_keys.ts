// Keys with which the programs of one session talk to the agent port. Derived, so that a restart knows them again.
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const SEPARATOR = ".";

/** The key of a session. */
export function mintAgentKey(installSecret: Uint8Array, sessionId: string): string {
  const signature = createHmac("sha256", installSecret).update(`agent:${sessionId}`).digest("base64url");
  return sessionId + SEPARATOR + signature;
}

/** Sessions whose keys are remembered, so that not every call has to work its key out. */
const MAX_REMEMBERED = 200;

/** Tells whose key a caller has sent. */
export class AgentKeyring {
  readonly #installSecret: Uint8Array;
  /** Of sessions that have shown theirs. */
  readonly #keys = new Map<string, Buffer>();

  constructor(installSecret: Uint8Array) {
    this.#installSecret = installSecret;
  }

  /** The session that a key was made for; undefined when it is none of ours. */
  verify(key: string): string | undefined {
    const sessionId = key.slice(0, key.indexOf(SEPARATOR));
    const given = Buffer.from(key);
    const expected = this.#keys.get(sessionId) ?? Buffer.from(mintAgentKey(this.#installSecret, sessionId));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    if (this.#keys.size >= MAX_REMEMBERED) this.#keys.clear();
    this.#keys.set(sessionId, expected);
    return sessionId;
  }
}
