// The entry: loads the one composition root that is needed. The holder has no use for the server's rooms, nor their memory.
import { runCommandLine } from "./command_line.ts";

if (import.meta.main) {
  const exitCode = await runCommandLine({
    startServer: async (options) => (await import("./server.ts")).startServer(options),
    checkLedger: async (data) => (await import("./server.ts")).checkLedger(data),
    runHolder: async (options) => await (await import("./holder/main.ts")).runHolder(options),
  });
  Deno.exit(exitCode);
}
