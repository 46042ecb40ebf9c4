// Starts the worker of the diffs from where the page says it is.

import type { WorkerLike } from "./diff_engine.ts";

/** The part of the browser's policies that is used; not every browser has it. */
interface TrustedTypesLike {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
    createScriptURL(url: string): string;
  };
}

/** Throws when the page was not built with a worker. */
export function startDiffWorker(page: Document): WorkerLike {
  const url = page.querySelector<HTMLMetaElement>('meta[name="diff-worker"]')?.content ?? "";
  if (!url.startsWith("/")) throw new Error("The page names no worker");
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypesLike };
  // The page's policy wants script addresses marked as looked at: this one is the build's.
  const policy = trustedTypes?.createPolicy("diff-worker", { createScriptURL: (address) => address });
  return new Worker(policy?.createScriptURL(url) ?? url, { type: "module", name: "diff" });
}
