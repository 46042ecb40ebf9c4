import assert from "node:assert/strict";
import { planClaude, resumeClaude } from "./claude.ts";
import type { Profile, ProfileRequest } from "./profile.ts";

const ID = "01900000-0000-7000-8000-000000000001";
const KEY = "session.secret-signature";

function plan(args: string[], change: Partial<ProfileRequest> = {}): Profile {
  return planClaude({
    args,
    sessionId: ID,
    receiver: { url: "http://127.0.0.1:4518", header: "x-agents-fleet-key", key: KEY },
    settingsFile: "/data/runs/1/settings.json",
    wants: () => true,
    ownTelemetry: undefined,
    ownSettings: undefined,
    ...change,
  });
}

const OURS = ["--session-id", ID, "--settings", "/data/runs/1/settings.json"];

for (
  const args of [[], ["--model", "opus", "-p", "do it"], ["--allowedTools", "Bash", "Read"], [
    "a prompt with words",
  ]]
) {
  Deno.test(`planClaude puts its flags before "${args.join(" ")}"`, () => {
    assert.deepEqual(plan(args).args, [...OURS, ...args]);
    assert.equal(plan(args).agentSessionId, ID);
  });
}

Deno.test("planClaude never puts the session's key into the command line", () => {
  const { args, settings, env } = plan([]);
  assert.ok(!args.join(" ").includes(KEY));
  assert.ok(JSON.stringify(settings).includes(KEY));
  assert.deepEqual(env, {});
});

for (
  const [args, known] of [
    [["--resume", ID], ID],
    [["-r"], undefined],
    [["--continue"], undefined],
    [["--resume", ID, "--fork-session"], undefined],
    [["--session-id", ID], ID],
  ] as [string[], string | undefined][]
) {
  Deno.test(`planClaude chooses no id beside "${args.join(" ")}"`, () => {
    const { args: planned, agentSessionId } = plan(args);
    assert.deepEqual(planned, [...OURS.slice(2), ...args]);
    assert.equal(agentSessionId, known);
  });
}

for (const args of [["mcp", "list"], ["--version"], ["update"], ["--model", "x", "doctor"]]) {
  Deno.test(`planClaude leaves "${args.join(" ")}" alone`, () => {
    assert.deepEqual(plan(args), { args, env: {}, additions: [] });
  });
}

Deno.test("planClaude merges the user's --settings, whose values win", () => {
  const own = { model: "x", env: { OTEL_LOGS_EXPORT_INTERVAL: "9" }, hooks: { Stop: [{ hooks: ["mine"] }] } };
  const { args, settings } = plan(["--settings", "mine.json", "hi"], { ownSettings: own });
  assert.deepEqual(args, [...OURS, "hi"]);
  const merged = settings as { model: string; env: Record<string, string>; hooks: { Stop: unknown[] } };
  assert.equal(merged.model, "x");
  assert.equal(merged.env["OTEL_LOGS_EXPORT_INTERVAL"], "9");
  assert.deepEqual([merged.hooks.Stop.length, merged.hooks.Stop[0]], [2, { hooks: ["mine"] }]);
});

Deno.test("planClaude leaves a --settings that cannot be read, and reports by environment", () => {
  const { args, settings, env, additions } = plan(["--settings", "gone.json"]);
  assert.deepEqual(args, ["--session-id", ID, "--settings", "gone.json"]);
  assert.equal(settings, undefined);
  assert.equal(env["OTEL_EXPORTER_OTLP_HEADERS"], `x-agents-fleet-key=${KEY}`);
  assert.equal(additions.find(({ id }) => id === "hooks")?.on, false);
});

Deno.test("planClaude keeps the user's own telemetry and says so", () => {
  const { settings, additions } = plan([], { ownTelemetry: "Your own exporter is kept" });
  assert.ok(!JSON.stringify(settings).includes("OTEL"));
  const telemetry = additions.find(({ id }) => id === "telemetry");
  assert.deepEqual([telemetry?.on, telemetry?.note], [false, "Your own exporter is kept"]);
});

Deno.test("planClaude adds nothing when everything is switched off", () => {
  const { args, env, settings } = plan(["hi"], { wants: () => false });
  assert.deepEqual([args, env, settings], [["hi"], {}, undefined]);
});

for (
  const [args, resumed] of [
    [["--model", "opus", "-p", "do it"], ["--model", "opus"]],
    [["do it"], []],
    [["--allowedTools", "Bash", "Read", "--", "do it"], ["--allowedTools", "Bash", "Read"]],
    [["--resume", "old", "--verbose", "--permission-mode=plan"], ["--permission-mode=plan"]],
    [["-c", "--add-dir", "/a", "/b", "--output-format", "json"], ["--add-dir", "/a", "/b"]],
  ] as [string[], string[]][]
) {
  Deno.test(`resumeClaude keeps the conversation's flags of "${args.join(" ")}"`, () => {
    assert.deepEqual(resumeClaude(args, ID), ["--resume", ID, ...resumed]);
  });
}
