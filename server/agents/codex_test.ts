import assert from "node:assert/strict";
import { planCodex, resumeCodex } from "./codex.ts";
import type { Profile } from "./profile.ts";

const ID = "01a20227-399a-7100-859c-8921898aa610";
const KEY = "session.secret-signature";
const OURS = [
  "--no-daemon",
  "-c",
  "features.daemon_auto_start=false",
  "-c",
  'otel.exporter={otlp-http={endpoint="http://127.0.0.1:4518/v1/logs",protocol="json"}}',
];

function plan(args: string[], ownTelemetry?: string): Profile {
  return planCodex({
    args,
    sessionId: ID,
    receiver: { url: "http://127.0.0.1:4518", header: "x-agents-fleet-key", key: KEY },
    settingsFile: "",
    wants: () => true,
    ownTelemetry,
    ownSettings: undefined,
  });
}

for (const args of [[], ["-m", "gpt-5.5", "do it"], ["exec", "--json", "do it"], ["resume", ID]]) {
  Deno.test(`planCodex puts its flags before "${args.join(" ")}", the key into the environment`, () => {
    const { args: planned, env } = plan(args);
    assert.deepEqual(planned, [...OURS, ...args]);
    assert.ok(!planned.join(" ").includes(KEY));
    assert.equal(env["OTEL_EXPORTER_OTLP_HEADERS"], `x-agents-fleet-key=${KEY}`);
  });
}

for (const args of [["login"], ["mcp", "list"], ["--help"], ["-c", "a=b", "doctor"]]) {
  Deno.test(`planCodex leaves "${args.join(" ")}" alone`, () => {
    assert.deepEqual(plan(args), { args, env: {}, additions: [] });
  });
}

Deno.test("planCodex keeps the user's own telemetry but never the daemon", () => {
  const { args, env } = plan([], "Your own [otel] is kept");
  assert.deepEqual([args, env], [OURS.slice(0, 3), {}]);
});

Deno.test("resumeCodex keeps the conversation's flags without its prompt", () => {
  const args = ["exec", "--json", "-m", "gpt-5.5", "--sandbox", "read-only", "do it", "-o", "out.txt"];
  assert.deepEqual(resumeCodex(args, ID), ["resume", ID, "-m", "gpt-5.5", "--sandbox", "read-only"]);
});
