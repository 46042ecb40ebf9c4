import assert from "node:assert/strict";
import { join } from "node:path";
import { findClaudeUpstream, findCodexUpstream } from "./own_upstream.ts";

async function inHome(
  work: (home: string, write: (path: string, text: string) => void) => void,
): Promise<void> {
  const home = await Deno.makeTempDir();
  const write = (path: string, text: string): void => {
    const file = join(home, path);
    Deno.mkdirSync(join(file, ".."), { recursive: true });
    Deno.writeTextFileSync(file, text);
  };
  try {
    work(home, write);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("Claude's own base URL is the one that Claude would take: settings over the environment, nearer over farther", async () => {
  await inHome((home, write) => {
    const cwd = join(home, "repo");
    const find = (env: Record<string, string> = {}, own?: Record<string, unknown>): string | undefined =>
      findClaudeUpstream({ env: { HOME: home, ...env }, cwd, ...(own ? { ownSettings: own } : {}) }).baseUrl;
    assert.equal(find(), undefined);
    assert.equal(find({ ANTHROPIC_BASE_URL: "http://a" }), "http://a");
    const settings = (url: string): string => JSON.stringify({ env: { ANTHROPIC_BASE_URL: url } });
    write(".claude/settings.json", settings("http://user"));
    assert.equal(find({ ANTHROPIC_BASE_URL: "http://a" }), "http://user");
    write("repo/.claude/settings.local.json", settings("http://local"));
    assert.equal(find(), "http://local");
    assert.equal(find({}, { env: { ANTHROPIC_BASE_URL: "http://flag" } }), "http://flag");
  });
});

Deno.test("a cloud provider's Claude cannot pass; custom headers and a timeout of the user's are kept", async () => {
  await inHome((home) => {
    const env = { HOME: home, ANTHROPIC_CUSTOM_HEADERS: "x-mine: 1", API_TIMEOUT_MS: "5000" };
    const found = findClaudeUpstream({ env, cwd: home });
    assert.deepEqual([found.customHeaders, found.timeoutMs, found.problem], ["x-mine: 1", 5000, undefined]);
    const cloud = findClaudeUpstream({ env: { ...env, CLAUDE_CODE_USE_BEDROCK: "1" }, cwd: home });
    assert.match(cloud.problem ?? "", /BEDROCK/);
  });
});

Deno.test("Codex's upstream is that of its sign-in, or of the provider in its configuration", async () => {
  await inHome((home, write) => {
    const find = (args: string[] = []): ReturnType<typeof findCodexUpstream> =>
      findCodexUpstream({ env: { HOME: home }, args });
    assert.deepEqual(find(), { providerId: "openai", baseUrl: "https://api.openai.com/v1" });
    write(".codex/auth.json", JSON.stringify({ tokens: { access_token: "x" } }));
    assert.equal(find().baseUrl, "https://chatgpt.com/backend-api/codex");
    write(
      ".codex/config.toml",
      'model = "m" # model_provider = "x"\nmodel_provider = "mine"\n[model_providers.other]\nbase_url = "http://o"\n' +
        "[model_providers.mine]\nname = \"n\"\nbase_url = 'http://mine/v1'\n",
    );
    assert.deepEqual(find(), { providerId: "mine", baseUrl: "http://mine/v1" });
    for (
      const args of [["--profile", "x"], ["--oss"], ["-c", "model_provider=x"], ["-c", "openai_base_url=x"]]
    ) {
      assert.match(find(args).problem ?? "", /command line/);
    }
    assert.equal(find(["-c", "model=x", "-m", "y"]).problem, undefined);
    write(".codex/config.toml", 'model_provider = "gone"\n');
    assert.match(find().problem ?? "", /not in config/);
    write(".codex/config.toml", 'profile = "work"\n');
    assert.match(find().problem ?? "", /profile/);
  });
});
