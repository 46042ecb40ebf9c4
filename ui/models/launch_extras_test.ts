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

const METERING: NonNullable<LaunchCheck["metering"]> = {
  mode: "gate",
  sources: ["gateway"],
  note: "",
  modes: [
    { mode: "gate", sources: ["gateway"], note: "Covered", changes: ["Something"] },
    { mode: "observe", sources: ["otlp"], note: "Counted", changes: [] },
  ],
  automatic: { limited: "gate", unlimited: "observe" },
  upstreams: [{ name: "LiteLLM", address: "http://localhost:4000" }],
};

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

Deno.test("the mode follows the limit that is typed, until one is chosen", () => {
  const { extras, check } = setUp();
  assert.ok(!extras.mode.value, "nothing is known of the command yet");
  const gateway = makeAddition({ id: "gateway", on: true });
  check.value = { ...check.value as LaunchCheck, metering: METERING, additions: [gateway] };
  const modeNow = (): string | undefined => extras.mode.value?.mode;
  const shown = (): unknown[] => [modeNow(), extras.additions.value[0]?.on];
  assert.deepEqual(shown(), ["gate", true]);
  extras.type("usd", "");
  assert.deepEqual(shown(), ["observe", false]);
  assert.deepEqual(extras.request(), { budget: { usd: null } });
  extras.chooseMode("gate");
  assert.deepEqual(shown(), ["gate", true]);
  assert.deepEqual(extras.request(), { budget: { usd: null }, additions: { gateway: true } });
  extras.chooseMode(undefined);
  assert.deepEqual([extras.chosenMode.value, modeNow()], [undefined, "observe"]);
  extras.switchAddition("gateway", false);
  assert.equal(extras.chosenMode.value, "observe");
});

Deno.test("what a limit does is sent for gated launches alone", () => {
  const { extras, check } = setUp();
  check.value = { ...check.value as LaunchCheck, metering: METERING };
  assert.deepEqual(extras.request(), {});
  extras.chooseAtLimit("hold");
  assert.deepEqual(extras.request(), { atLimit: "hold" });
  extras.chooseMode("observe");
  assert.equal("atLimit" in extras.request(), false);
  extras.reset();
  assert.deepEqual([extras.atLimit.value, extras.chosenMode.value], ["stop", undefined]);
});

Deno.test("a mode that cannot be is not shown as what will be", () => {
  const { extras, check } = setUp();
  const modes = METERING.modes.map((each) => each.mode === "gate" ? { ...each, problem: "A cloud" } : each);
  check.value = { ...check.value as LaunchCheck, metering: { ...METERING, modes } };
  assert.equal(extras.mode.value?.mode, "observe");
});

Deno.test("a proxy is sent for gated launches alone, once it is an address", () => {
  const { extras, check } = setUp();
  check.value = { ...check.value as LaunchCheck, metering: METERING };
  extras.chooseUpstream("http://localhost:4000");
  assert.deepEqual(extras.request(), { upstream: "http://localhost:4000" });
  extras.chooseMode("observe");
  assert.equal(extras.request().upstream, undefined);
  extras.chooseMode("gate");
  extras.chooseUpstream("localhost");
  assert.match(extras.upstreamProblem.value ?? "", /address/);
  extras.reset();
  assert.deepEqual([extras.upstream.value, extras.upstreamProblem.value], [undefined, undefined]);
});
