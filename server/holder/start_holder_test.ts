import assert from "node:assert/strict";
import { join } from "node:path";
import type { AfterLogout } from "../protocol.ts";
import { writeHolderFile } from "./holder_files.ts";
import type { Logins, Place } from "./logins.ts";
import { HolderStarter } from "./start_holder.ts";

interface Machine {
  place?: Place;
  lingers?: boolean;
  kills?: boolean | undefined;
  /** Body of the `systemd-run` that is found; none without it. */
  systemdRun?: string;
  selfCommand?: string[];
  /** The deadline is met. */
  hangs?: boolean;
}

interface Scene {
  starter: HolderStarter;
  /** The machine's, while it runs. */
  machine: Machine;
  /** Lines that the started holder and the fake program left. */
  waitForLines: (count: number) => Promise<string[]>;
  warnings: string[];
  directory: string;
}

const VERSION = "1";
/** What a holder would be: it says where it is and with what it was started. */
const HOLDER = 'echo "holder in $(pwd): $*" >>"$AF_LINES"';
const RECORD = 'echo "systemd-run $*" >>"$AF_LINES"\n';
/** As the real one: takes its options away and becomes the program. */
const EXEC = 'while [ "$1" != "--" ]; do shift; done; shift; exec "$@"';
const PATIENCE_MS = 30_000;
const HANGS_AFTER_MS = 500;

function test(name: string, machine: Machine, body: (scene: Scene) => Promise<void> | void): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await body(await createScene(directory, machine));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

async function createScene(directory: string, machine: Machine): Promise<Scene> {
  const bin = join(directory, "bin");
  await Deno.mkdir(bin);
  // What is found without it would be the machine's own.
  for (const name of ["sh", "sleep"]) await linkProgram(name, bin);
  if (machine.systemdRun !== undefined) {
    await Deno.writeTextFile(join(bin, "systemd-run"), `#!/bin/sh\n${machine.systemdRun}\n`, { mode: 0o755 });
  }
  const lines = join(directory, "lines");
  await Deno.writeTextFile(lines, "");
  const warnings: string[] = [];
  const ignore = (): void => {};
  const starter = new HolderStarter({
    selfCommand: machine.selfCommand ?? ["/bin/sh", "-c", HOLDER, "sh"],
    dataDirectory: directory,
    version: VERSION,
    logFile: join(directory, "holder.log"),
    logins: fakeLogins(machine),
    log: { debug: ignore, info: ignore, error: ignore, warn: (message) => void warnings.push(message) },
    env: { PATH: bin, AF_LINES: lines },
    scopeWithinMs: machine.hangs ? HANGS_AFTER_MS : PATIENCE_MS,
  });
  const waitForLines = async (count: number): Promise<string[]> => {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = (await Deno.readTextFile(lines)).split("\n").filter(Boolean);
      if (found.length >= count) return found;
      assert.ok(Date.now() < giveUpAtMs, `only ${found.length} lines: ${found.join("; ")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { starter, machine, waitForLines, warnings, directory };
}

async function linkProgram(name: string, bin: string): Promise<void> {
  for (const directory of ["/bin", "/usr/bin"]) {
    const info = await Deno.stat(join(directory, name)).catch(() => undefined);
    if (info !== undefined) return await Deno.symlink(join(directory, name), join(bin, name));
  }
}

function fakeLogins(machine: Machine): Logins {
  return {
    placeOf: () => machine.place,
    lingers: () => machine.lingers ?? false,
    killsUserProcesses: () => Promise.resolve(machine.kills),
  };
}

test(
  "a holder of a user who lingers starts in a scope that a human recognizes",
  { place: "login", lingers: true, kills: false, systemdRun: RECORD + EXEC },
  async ({ starter, waitForLines, warnings, directory }) => {
    await starter.start();
    const [scope = "", holder] = await waitForLines(2);
    assert.match(scope, /^systemd-run --user --scope --quiet --collect --description=agents-fleet holder /);
    assert.match(scope, / --unit=agents-fleet-holder-[0-9a-f-]{36} /);
    assert.match(scope, / --property=OOMPolicy=continue --expand-environment=no -- \/bin\/sh -c /);
    assert.equal(holder, `holder in /: __holder --data ${directory}`);
    assert.deepEqual(warnings, []);
  },
);

const PLACES: [Machine, "scope" | "none", string][] = [
  [
    { place: "login", kills: false },
    "none",
    "a login that is left alone: the scope would end with the last login",
  ],
  [{ place: "login", kills: undefined }, "none", "a login of which nothing is known"],
  [{ place: "login", kills: true }, "scope", "a login that ends what it started"],
  [{ place: "manager", kills: false }, "scope", "a terminal that the service manager runs"],
  [{ place: "elsewhere", kills: true }, "none", "a place that no login has"],
  [{ place: "elsewhere", lingers: true }, "scope", "any place, when the user lingers"],
  [{ lingers: true }, "none", "a system without control groups"],
];

for (const [machine, expected, name] of PLACES) {
  test(
    `${expected === "scope" ? "a scope is asked for" : "no scope is asked for"} from ${name}`,
    { ...machine, systemdRun: RECORD + EXEC },
    async ({ starter, waitForLines }) => {
      await starter.start();
      const lines = await waitForLines(expected === "scope" ? 2 : 1);
      assert.equal(lines.some((line) => line.startsWith("systemd-run")), expected === "scope");
    },
  );
}

test(
  "an older systemd-run is asked without what it does not know",
  {
    place: "manager",
    systemdRun: 'case "$*" in *expand-environment*|*OOMPolicy*) echo "unrecognized" >&2; exit 1;; esac\n' +
      RECORD + EXEC,
  },
  async ({ starter, waitForLines, warnings }) => {
    await starter.start();
    const [scope = ""] = await waitForLines(2);
    assert.match(scope, /^systemd-run --user --scope .* -- \/bin\/sh/);
    assert.deepEqual(warnings, []);
    assert.equal(starter.afterLogout().scopeProblem, undefined);
  },
);

const BROKEN: [string, Pick<Machine, "systemdRun" | "hangs">, RegExp][] = [
  ["is not there", {}, /^systemd-run is not there$/],
  [
    "fails",
    { systemdRun: 'echo "Failed to connect to bus: No such file" >&2; exit 1' },
    /^Failed to connect to bus/,
  ],
  ["fails without a word", { systemdRun: "exit 3" }, /^systemd-run ended with code 3$/],
  ["hangs", { systemdRun: "sleep 3600", hangs: true }, /^systemd-run did not end within 500 ms$/],
  [
    "hangs and does not want to end",
    { systemdRun: "trap '' TERM HUP; sleep 3600; sleep 3600", hangs: true },
    /did not end within/,
  ],
];

for (const [name, machine, problem] of BROKEN) {
  test(
    `a holder starts without a scope when systemd-run ${name}, and that is said`,
    { place: "login", lingers: true, kills: false, ...machine },
    async ({ starter, waitForLines, warnings, directory }) => {
      await starter.start();
      assert.deepEqual(await waitForLines(1), [`holder in /: __holder --data ${directory}`]);
      assert.deepEqual(warnings, ["The holder starts without a scope of the user's service manager"]);
      assert.match(starter.afterLogout().scopeProblem ?? "", problem);
    },
  );
}

test(
  "a later start in a scope takes back what was said of an earlier one",
  { place: "manager", systemdRun: `[ -e "$AF_LINES.works" ] || exit 1\n${EXEC}` },
  async ({ starter, waitForLines, directory }) => {
    await starter.start();
    assert.equal(starter.afterLogout().scopeProblem, "systemd-run ended with code 1");
    await Deno.writeTextFile(join(directory, "lines.works"), "");
    await starter.start();
    await waitForLines(2);
    assert.equal(starter.afterLogout().scopeProblem, undefined);
  },
);

test(
  "what was started writes to a private log and inherits the user's umask",
  { place: "elsewhere", selfCommand: ["/bin/sh", "-c", 'echo complaint >&2; umask >>"$AF_LINES"', "sh"] },
  async ({ starter, waitForLines, directory }) => {
    await starter.start();
    const [umask = ""] = await waitForLines(1);
    assert.equal(parseInt(umask, 8), Deno.umask());
    const log = join(directory, "holder.log");
    assert.equal(await Deno.readTextFile(log), "complaint\n");
    assert.equal(((await Deno.stat(log)).mode ?? 0) & 0o777, 0o600);
  },
);

const FATES: [Machine, AfterLogout["decidedBy"]][] = [
  [{ place: "manager", lingers: true, kills: true }, "lingering"],
  [{ place: "manager", kills: false }, "last_login"],
  [{ place: "login", kills: false }, "leniency"],
  [{ place: "login", lingers: true, kills: true }, "login"],
  [{ place: "login" }, "unknown"],
  [{ place: "elsewhere", kills: true }, "nothing"],
  [{ kills: true }, "unknown"],
];

for (const [machine, decidedBy] of FATES) {
  const { place = "no control group", lingers = false, kills } = machine;
  test(
    `a log-out's effect: ${place}, lingering ${lingers}, kills ${kills}`,
    machine,
    ({ starter, directory }) => {
      writeHolderFile(directory, holderFile(VERSION));
      assert.deepEqual(starter.afterLogout(), { decidedBy });
    },
  );
}

test("a log-out's effect is unknown without a holder of our version", { place: "manager" }, (scene) => {
  assert.deepEqual(scene.starter.afterLogout(), { decidedBy: "unknown" });
  writeHolderFile(scene.directory, holderFile("0"));
  assert.deepEqual(scene.starter.afterLogout(), { decidedBy: "unknown" });
});

test(
  "lingering that is turned on later is seen at once",
  { place: "manager" },
  ({ starter, machine, directory }) => {
    writeHolderFile(directory, holderFile(VERSION));
    assert.deepEqual(starter.afterLogout(), { decidedBy: "last_login" });
    machine.lingers = true;
    assert.deepEqual(starter.afterLogout(), { decidedBy: "lingering" });
  },
);

function holderFile(version: string): Parameters<typeof writeHolderFile>[1] {
  return { id: "0".repeat(36), pid: 1, socket: "/s", secret: "x".repeat(40), version, startedAtMs: 1 };
}
