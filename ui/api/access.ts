// Calls that let a browser in, and out again.

import type { LoginRequest, LoginResponse } from "../../server/protocol.ts";
import type { Requests } from "./requests.ts";

/** Signing in and out. Methods reject as `Requests` do. */
export class AccessCalls {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  login(code: string): Promise<LoginResponse> {
    return this.#requests.json("/api/login", { method: "POST", body: { code } satisfies LoginRequest });
  }

  async logout(): Promise<void> {
    await this.#requests.respond("/api/logout", { method: "POST", body: {} });
  }

  async logoutAll(): Promise<void> {
    await this.#requests.respond("/api/logout-all", { method: "POST", body: {} });
  }
}
