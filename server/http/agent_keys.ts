// Keys with which the programs of one session talk to the agent port. Derived, so that a restart knows them again.
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const SEPARATOR = ".";

/** The key of a session. */
export function mintAgentKey(installSecret: Uint8Array, sessionId: string): string {
  const signature = createHmac("sha256", installSecret).update(`agent:${sessionId}`).digest("base64url");
  return sessionId + SEPARATOR + signature;
}

/** The session that a key was made for; undefined when it is none of ours. */
export function verifyAgentKey(installSecret: Uint8Array, key: string): string | undefined {
  const sessionId = key.slice(0, key.indexOf(SEPARATOR));
  const given = Buffer.from(key);
  const expected = Buffer.from(mintAgentKey(installSecret, sessionId));
  return given.length === expected.length && timingSafeEqual(given, expected) ? sessionId : undefined;
}
