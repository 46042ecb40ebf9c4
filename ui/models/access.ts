// Whether this browser may talk to the server, and how it gets in and out.

import { createModel, signal } from "@preact/signals";
import type { AccessCalls } from "../api/access.ts";
import { errorMessage } from "../api/api_error.ts";
import { type Credentials, parseLoginCode } from "../credentials.ts";

export interface AccessOptions {
  api: Pick<AccessCalls, "login" | "logout" | "logoutAll">;
  credentials: Credentials;
  /** A code came with the address: nothing is shown before it was tried. */
  hasCode: boolean;
}

export const AccessModel = createModel(({ api, credentials, hasCode }: AccessOptions) => {
  const stored = (): "open" | "locked" => credentials.pageKey === undefined ? "locked" : "open";
  const state = signal<"entering" | "open" | "locked">(hasCode ? "entering" : stored());
  const busy = signal(false);
  const error = signal<string | undefined>(undefined);

  function lock(): void {
    credentials.clear();
    state.value = "locked";
  }

  return {
    state,
    /** A code is being tried. */
    busy,
    error,
    /** Exchanges a one-time code, alone or inside of the printed address. */
    async unlock(text: string): Promise<void> {
      const code = parseLoginCode(text);
      if (code === undefined) {
        error.value = "That is neither a code nor an address with a code in it";
        return;
      }
      busy.value = true;
      try {
        credentials.save((await api.login(code)).pageKey);
        error.value = undefined;
      } catch (thrown) {
        error.value = errorMessage(thrown);
      }
      busy.value = false;
      state.value = stored();
    },
    /** The server does not accept this browser's credentials any more. */
    lock,
    /** Follows what another tab did to the credentials. */
    sync(): void {
      if (state.value !== "entering") state.value = stored();
    },
    async signOut(where: "here" | "everywhere"): Promise<void> {
      try {
        await (where === "here" ? api.logout() : api.logoutAll());
        lock();
      } catch (thrown) {
        error.value = errorMessage(thrown);
      }
    },
  };
});

export type Access = InstanceType<typeof AccessModel>;
