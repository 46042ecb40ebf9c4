// Who may use the page: one-time codes are exchanged for a cookie and a page key, and every call needs both.
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";
import type { LoginTable } from "../store/logins.ts";

export interface CredentialsOptions {
  logins: LoginTable;
  /** Signs codes, so that the command line can mint them; from the data directory. */
  installSecret: Uint8Array;
  now: () => number;
}

const CODE_LIFETIME_MS = 10 * 60 * 1000;
const LOGIN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
const SECRET_BYTES = 32;
const NONCE_BYTES = 16;
const EXPIRY_BYTES = 6;
const MAX_FAILURES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Secrets of one login, told once. */
export interface Login {
  cookie: string;
  pageKey: string;
}

/** A code for `/#k=…`: nonce and expiry, signed. Good once, for ten minutes. */
export function mintCode(installSecret: Uint8Array, nowMs: number): string {
  const body = Buffer.alloc(NONCE_BYTES + EXPIRY_BYTES);
  randomBytes(NONCE_BYTES).copy(body);
  body.writeUIntBE(nowMs + CODE_LIFETIME_MS, NONCE_BYTES, EXPIRY_BYTES);
  return Buffer.concat([body, sign(installSecret, body)]).toString("base64url");
}

export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #revoked = new Set<(loginId: number | "all") => void>();
  #failures: number[] = [];

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** Burns a code. Throws `unauthorized` for a wrong, old or used one, `rate_limited` after too many of them. */
  exchange(code: string): Login {
    const nowMs = this.#options.now();
    this.#failures = this.#failures.filter((atMs) => atMs > nowMs - MINUTE_MS);
    if (this.#failures.length >= MAX_FAILURES_PER_MINUTE) {
      throw new AppError("rate_limited", "Too many wrong codes: wait a minute and try again");
    }
    if (!this.#burn(code, nowMs)) {
      this.#failures.push(nowMs);
      throw new AppError(
        "unauthorized",
        "This code was used before or is too old: run agents-fleet url for a fresh one",
      );
    }
    const login = { cookie: newSecret(), pageKey: newSecret() };
    this.#options.logins.create({
      cookieHash: hash(login.cookie),
      pageKeyHash: hash(login.pageKey),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + LOGIN_LIFETIME_MS,
    });
    return login;
  }

  /** Id of the login that both secrets belong to; undefined unless both are right. */
  check(cookie: string | undefined, pageKey: string | undefined): number | undefined {
    if (!cookie || !pageKey) return undefined;
    const login = this.#options.logins.getByCookie(hash(cookie), this.#options.now());
    const matches = login && timingSafeEqual(Buffer.from(login.pageKeyHash), Buffer.from(hash(pageKey)));
    return matches ? login.id : undefined;
  }

  /** Whether the cookie alone is known; a socket sends its page key later. */
  knowsCookie(cookie: string | undefined): boolean {
    return cookie !== undefined &&
      this.#options.logins.getByCookie(hash(cookie), this.#options.now()) !== undefined;
  }

  revoke(loginId: number): void {
    this.#options.logins.delete(loginId);
    this.#revoked.forEach((listener) => listener(loginId));
  }

  revokeAll(): void {
    this.#options.logins.deleteAll();
    this.#revoked.forEach((listener) => listener("all"));
  }

  /** Calls back when a login ends, so that its sockets can be closed. */
  onRevoke(listener: (loginId: number | "all") => void): void {
    this.#revoked.add(listener);
  }

  #burn(code: string, nowMs: number): boolean {
    const bytes = Buffer.from(code, "base64url");
    const body = bytes.subarray(0, NONCE_BYTES + EXPIRY_BYTES);
    const signature = bytes.subarray(NONCE_BYTES + EXPIRY_BYTES);
    const expected = sign(this.#options.installSecret, body);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return false;
    const expiresAtMs = body.readUIntBE(NONCE_BYTES, EXPIRY_BYTES);
    if (expiresAtMs <= nowMs) return false;
    return this.#options.logins.useCode(body.subarray(0, NONCE_BYTES).toString("base64url"), {
      expiresAtMs,
      nowMs,
    });
  }
}

/** Value of the cookie called `name`; undefined when it is missing or, which no browser of ours does, sent twice. */
export function readCookie(header: string | null, name: string): string | undefined {
  const values = (header ?? "").split(";").map((part) => part.trim()).filter((part) =>
    part.startsWith(name + "=")
  );
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined;
}

/** `Set-Cookie` of a login; browsers send cookies to every port of a host, so the name holds ours. */
export function loginCookie(name: string, value: string): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${
    value === "" ? 0 : LOGIN_LIFETIME_MS / 1000
  }`;
}

function sign(secret: Uint8Array, body: Uint8Array): Buffer {
  return createHmac("sha256", secret).update(body).digest();
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}
