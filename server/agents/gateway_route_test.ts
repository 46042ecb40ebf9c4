import assert from "node:assert/strict";
import { planClaudeRoute, planCodexRoute, planShellRoute } from "./gateway_route.ts";

const KEY = "session.secret-signature";
const RECEIVER = { url: "http://127.0.0.1:4518", header: "x-agents-fleet-key", key: KEY };

Deno.test("Claude is sent here with the user's headers kept, and from here to the user's own base URL", () => {
  const own = { baseUrl: "https://mine.example/base/", customHeaders: "x-mine: 1" };
  const { env, targets, flags, addition } = planClaudeRoute(RECEIVER, { on: true, holds: true, own });
  assert.deepEqual(env, {
    ANTHROPIC_BASE_URL: "http://127.0.0.1:4518/anthropic",
    ANTHROPIC_CUSTOM_HEADERS: `x-mine: 1\nx-agents-fleet-key: ${KEY}`,
    API_TIMEOUT_MS: "3600000",
  });
  assert.deepEqual([targets?.anthropic, targets?.maxWaitMs, flags], [
    "https://mine.example/base",
    3_420_000,
    [],
  ]);
  assert.ok(addition.on && addition.why.includes("https://mine.example/base"));
});

Deno.test("a timeout of the user's own is kept, and a held call answers before it", () => {
  const { env, targets } = planClaudeRoute(RECEIVER, { on: true, holds: true, own: { timeoutMs: 10_000 } });
  assert.deepEqual(["API_TIMEOUT_MS" in env, targets?.maxWaitMs], [false, 9500]);
});

Deno.test("a base URL that leads back here is not taken for an upstream", () => {
  const own = { baseUrl: "http://127.0.0.1:4518/s/other/anthropic" };
  const { targets } = planClaudeRoute(RECEIVER, { on: true, holds: false, own });
  assert.equal(targets?.anthropic, "https://api.anthropic.com");
});

Deno.test("what cannot pass is switched off and says why", () => {
  for (const own of [{ problem: "A cloud" }, { baseUrl: "nonsense" }]) {
    const { env, targets, addition } = planClaudeRoute(RECEIVER, { on: true, holds: false, own });
    assert.deepEqual([env, targets, addition.on], [{}, undefined, false]);
    assert.ok(addition.note);
  }
});

Deno.test("Codex gets a provider by overrides, its key by the environment alone", () => {
  const { flags, env, targets } = planCodexRoute(RECEIVER, { on: true, holds: false, own: {} });
  assert.ok(!flags.join(" ").includes(KEY));
  assert.deepEqual(env, { AGENTS_FLEET_KEY: KEY });
  assert.match(flags.join(" "), /requires_openai_auth=true.* -c model_provider="agents-fleet"$/);
  assert.equal(targets?.openai, "https://api.openai.com/v1");
  const own = { providerId: "mine", baseUrl: "http://mine/v1" };
  const custom = planCodexRoute(RECEIVER, { on: true, holds: false, own });
  assert.deepEqual(custom.flags, [
    "-c",
    'model_providers.mine.base_url="http://127.0.0.1:4518/openai"',
    "-c",
    'model_providers.mine.env_http_headers.x-agents-fleet-key="AGENTS_FLEET_KEY"',
  ]);
  assert.equal(custom.targets?.openai, "http://mine/v1");
});

Deno.test("any other command has the way here in its environment, by choice", () => {
  const off = planShellRoute(RECEIVER, { on: false, env: {} });
  assert.deepEqual([off.env, off.targets, off.addition.on], [{}, undefined, false]);
  const { env, targets } = planShellRoute(RECEIVER, { on: true, env: { OPENAI_BASE_URL: "http://mine/v1" } });
  assert.equal(env["OPENAI_BASE_URL"], `http://127.0.0.1:4518/s/${KEY}/openai`);
  assert.equal(targets?.openai, "http://mine/v1");
});

Deno.test("a proxy that was chosen comes before the user's own base URL, for every kind of session", () => {
  const wish = {
    on: true,
    holds: false,
    own: { baseUrl: "https://mine.example" },
    chosen: "http://localhost:4000",
  };
  const claude = planClaudeRoute(RECEIVER, wish);
  const codex = planCodexRoute(RECEIVER, wish);
  const shell = planShellRoute(RECEIVER, {
    on: true,
    chosen: wish.chosen,
    env: { OPENAI_BASE_URL: "http://mine/v1" },
  });
  assert.deepEqual([
    claude.targets?.anthropic,
    codex.targets?.openai,
    shell.targets?.openai,
    shell.targets?.chosen,
  ], [
    "http://localhost:4000",
    "http://localhost:4000/v1",
    "http://localhost:4000/v1",
    "http://localhost:4000",
  ]);
});
