// The long torture: 20 sessions, 200 kills of the server, 20 of the holder, a page behind a breaking connection.
// deno-lint-ignore-file no-console -- a command line tool
import { torture } from "../server/testing/torture.ts";

const [sessions = 20, serverKills = 200, holderKills = 20, seed = Date.now() % 1e6] = Deno.args.map(Number);
const startedAt = performance.now();
const report = await torture({ sessions, serverKills, holderKills, seed });
console.log(
  `${sessions} sessions, ${serverKills} kills of the server, ${holderKills} of the holder, seed ${seed}, ` +
    `${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${JSON.stringify(report)}`,
);
Deno.exit();
