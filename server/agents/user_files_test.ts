import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findOwnTelemetry, findSignIn, readOwnSettings } from "./user_files.ts";

async function withHome(files: Record<string, string>, work: (home: string) => void): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(home, path)), { recursive: true });
      await Deno.writeTextFile(join(home, path), text);
    }
    work(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const SIGN_INS: [string, "claude" | "codex", Record<string, string>, Record<string, string>, string][] = [
  ["nothing", "claude", {}, {}, "missing"],
  ["a key in the environment", "claude", {}, { ANTHROPIC_API_KEY: "k" }, "api_key"],
  [
    "a plan",
    "claude",
    { ".claude/.credentials.json": '{"claudeAiOauth":{"subscriptionType":"max"}}' },
    {},
    "subscription",
  ],
  ["an account in the keychain", "claude", { ".claude.json": '{"oauthAccount":{}}' }, {}, "subscription"],
  ["a key helper", "claude", { ".claude/settings.json": '{"apiKeyHelper":"./key"}' }, {}, "api_key"],
  ["a cloud", "claude", {}, { CLAUDE_CODE_USE_BEDROCK: "1" }, "cloud"],
  ["broken files", "claude", { ".claude.json": "{", ".claude/settings.json": "[]" }, {}, "missing"],
  ["nothing", "codex", {}, {}, "missing"],
  ["a ChatGPT plan", "codex", { ".codex/auth.json": '{"tokens":{"access_token":"t"}}' }, {}, "subscription"],
  ["a stored key", "codex", { ".codex/auth.json": '{"OPENAI_API_KEY":"k","tokens":null}' }, {}, "api_key"],
  ["a key that Codex does not use", "codex", {}, { OPENAI_API_KEY: "k" }, "missing"],
  ["a provider of its own", "codex", { ".codex/config.toml": 'model_provider = "x"\n' }, {}, "api_key"],
];

for (const [what, kind, files, env, state] of SIGN_INS) {
  Deno.test(`findSignIn of ${kind} with ${what} is ${state}`, () =>
    withHome(files, (home) => assert.equal(findSignIn(kind, { HOME: home, ...env }).state, state)));
}

Deno.test("findSignIn says the way out and never a key", () =>
  withHome({}, (home) => {
    assert.match(findSignIn("claude", { HOME: home }).message, /\/login/);
    assert.ok(!findSignIn("claude", { HOME: home, ANTHROPIC_API_KEY: "sk-1" }).message.includes("sk-1"));
  }));

Deno.test("findOwnTelemetry finds the user's exporters in environment, settings and configuration", () =>
  withHome({
    ".claude/settings.json": '{"env":{"OTEL_LOGS_EXPORTER":"otlp"}}',
    ".codex/config.toml": '[otel]\nenvironment = "x"\n',
  }, (home) => {
    const where = { env: { HOME: home }, cwd: "/" };
    assert.match(findOwnTelemetry("claude", where) ?? "", /OTEL_LOGS_EXPORTER/);
    assert.match(findOwnTelemetry("codex", where) ?? "", /\[otel\]/);
    const own = { env: { HOME: "/nowhere", OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector" }, cwd: "/" };
    assert.match(findOwnTelemetry("codex", own) ?? "", /OTEL_EXPORTER_OTLP_ENDPOINT/);
    assert.equal(findOwnTelemetry("claude", { env: { HOME: "/nowhere" }, cwd: "/" }), undefined);
  }));

Deno.test("readOwnSettings reads JSON, a relative path, and nothing else", () =>
  withHome({ "mine.json": '{"a":1}' }, (home) => {
    assert.deepEqual(readOwnSettings('{"b":2}', home), { b: 2 });
    assert.deepEqual(readOwnSettings("mine.json", home), { a: 1 });
    assert.equal(readOwnSettings("gone.json", home), undefined);
    assert.equal(readOwnSettings("{broken", home), undefined);
  }));
