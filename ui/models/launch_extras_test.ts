import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { LaunchAddition, LaunchCheck } from "../../server/protocol.ts";
import { createLaunchExtras, type LaunchExtras } from "./launch_extras.ts";

function makeAddition(patch: Partial<LaunchAddition>): LaunchAddition {
  return {
    id: "hooks",
    title: "Hooks",
    flags: [],
    environment: [],
    why: "",
    without: "",
    on: true,
    ...patch,
  };
}

function setUp(): { extras: LaunchExtras; check: { value: LaunchCheck | undefined } } {
  const check = signal<LaunchCheck | undefined>({
    cwd: { ok: true, path: "/work" },
    command: { kind: "claude", mode: "direct" },
    defaultBudget: { usd: 5, tokens: null },
    additions: [makeAddition({}), makeAddition({ id: "telemetry", on: false })],
  });
  return { extras: createLaunchExtras(check), check };
}

Deno.test("untouched, a launch asks for nothing and shows the defaults", () => {
  const { extras } = setUp();
  assert.equal(extras.text.usd.value, "5.00");
  assert.equal(extras.text.tokens.value, "");
  assert.deepEqual(extras.request(), {});
});

Deno.test("a changed limit is sent, an emptied one is no limit", () => {
  const { extras } = setUp();
  extras.type("usd", "");
  extras.type("tokens", "100k");
  assert.deepEqual(extras.request(), { budget: { usd: null, tokens: 100_000 } });
  extras.type("tokens", "x");
  assert.match(extras.problems.tokens.value ?? "", /number/);
  extras.reset();
  assert.deepEqual(extras.request(), {});
});

Deno.test("only additions that differ from the check are sent", () => {
  const { extras, check } = setUp();
  extras.switchAddition("hooks", false);
  extras.switchAddition("telemetry", true);
  assert.deepEqual(extras.additions.value.map(({ on }) => on), [false, true]);
  assert.deepEqual(extras.request(), { additions: { hooks: false, telemetry: true } });
  extras.switchAddition("hooks", true);
  assert.deepEqual(extras.request(), { additions: { telemetry: true } });
  check.value = undefined;
  assert.deepEqual(extras.request(), {});
});
