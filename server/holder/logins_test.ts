import assert from "node:assert/strict";
import { createLogins, parseKills, parsePlace } from "./logins.ts";

const USER = "/user.slice/user-1001.slice";

Deno.test("parsePlace() knows a login, a terminal that the service manager runs, a scope, and what is none of them", () => {
  const places = [
    `0::${USER}/session-c1.scope`,
    `0::${USER}/user@1001.service/app.slice/vte-spawn-1.scope`,
    `0::${USER}/user@1001.service/app.slice/agents-fleet-holder-1.scope`,
    `1:name=systemd:${USER}/session-3.scope\n0::${USER}/session-3.scope`,
    "0::/system.slice/cron.service",
    "0::/",
    "",
  ].map(parsePlace);
  assert.deepEqual(places, ["login", "manager", "manager", "login", "elsewhere", "elsewhere", "elsewhere"]);
});

Deno.test("parseKills() follows the lists of users", () => {
  const kills = (kill: string, only = "", exclude = ""): boolean | undefined =>
    parseKills(`KillOnlyUsers=${only}\nKillExcludeUsers=${exclude}\nKillUserProcesses=${kill}\n`, "dev");
  assert.equal(kills("no"), false);
  assert.equal(kills("yes"), true);
  assert.equal(kills("yes", "ann dev"), true);
  assert.equal(kills("yes", "ann"), false);
  assert.equal(kills("yes", "dev", "root dev"), false);
  assert.equal(parseKills("", "dev"), undefined);
});

Deno.test("createLogins() has no place for a process that is gone", () => {
  assert.equal(createLogins().placeOf(2 ** 30), undefined);
});
