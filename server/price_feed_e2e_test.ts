// `PRICING_API_URL` end to end: the real program asks a price service over TLS, and keeps its answer when that is down.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { PricesView, SessionView } from "./protocol.ts";
import { AGENT_KEY_HEADER } from "./http/agent_app.ts";
import { mintAgentKey } from "./http/agent_keys.ts";
import { ApiClient } from "./testing/api_client.ts";
import { CLAUDE_PRELUDE, otlpBody, writeScripts } from "./testing/fake_agents.ts";
import { endHolders, type RunningProgram, startProgram } from "./testing/running_program.ts";

const PRICES = { models: { "house-model": { inputPer1M: 7, outputPer1M: 11 } } };
const PATIENCE_MS = 30_000;
const hasOpenssl = await new Deno.Command("openssl", { args: ["version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

/** An authority of our own and a certificate of its for this machine's loopback address. */
async function makeCertificate(directory: string): Promise<{ authority: string; cert: string; key: string }> {
  const path = (name: string): string => join(directory, name);
  await Deno.writeTextFile(path("san"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE");
  const key = ["-newkey", "rsa:2048", "-nodes"];
  const ca = ["-x509", "-subj", "/CN=Test authority", "-keyout", path("ca.key"), "-out", path("ca.pem")];
  const leaf = ["-subj", "/CN=prices", "-keyout", path("leaf.key"), "-out", path("leaf.csr")];
  const signed = [
    "-in",
    path("leaf.csr"),
    "-CA",
    path("ca.pem"),
    "-CAkey",
    path("ca.key"),
    "-CAcreateserial",
  ];
  for (
    const args of [
      ["req", ...key, ...ca, "-days", "2"],
      ["req", ...key, ...leaf],
      ["x509", "-req", ...signed, "-extfile", path("san"), "-days", "2", "-out", path("leaf.pem")],
    ]
  ) {
    const { success, stderr } = await new Deno.Command("openssl", { args }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
  const [cert, leafKey] = await Promise.all(
    ["leaf.pem", "leaf.key"].map((name) => Deno.readTextFile(path(name))),
  );
  return { authority: path("ca.pem"), cert: cert ?? "", key: leafKey ?? "" };
}

async function waitForFeed(api: ApiClient, state: string): Promise<PricesView["places"][number]> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const { places } = await api.call<PricesView>("/api/prices");
    const feed = places.find(({ name }) => name === "PRICING_API_URL");
    if (feed?.state === state) return feed;
    assert.ok(Date.now() < giveUpAtMs, `the feed stayed ${JSON.stringify(feed)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Reports one call of a session as its agent would; answers what it cost. */
async function reportCall(
  { api, program, id }: { api: ApiClient; program: RunningProgram; id: string },
): Promise<number | undefined> {
  const data = program.dataDirectory;
  const port = (await Deno.readTextFile(join(data, "agent-port"))).trim();
  const key = mintAgentKey(await Deno.readFile(join(data, "secret")), id);
  const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json", [AGENT_KEY_HEADER]: key },
    body: JSON.stringify(otlpBody([{ requestId: "req_1", model: "house-model", input: 1000, output: 100 }])),
  });
  await response.body?.cancel();
  return (await api.call<SessionView>(`/api/sessions/${id}`)).usage?.costNanoUsd;
}

Deno.test({
  name: `prices of one's own service are used, and kept when it is down${
    hasOpenssl ? "" : " SKIPPED: no openssl"
  }`,
  ignore: !hasOpenssl,
  fn: async () => {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "fleet-prices-" }));
    const { authority, cert, key } = await makeCertificate(root);
    await writeScripts(join(root, "bin"), { claude: `${CLAUDE_PRELUDE}\nread line; leave\n` });
    const asked: (string | null)[] = [];
    const service = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
      (request) => {
        asked.push(request.headers.get("authorization"));
        return Response.json(PRICES);
      },
    );
    const start = (more: Record<string, string>): Promise<RunningProgram> =>
      startProgram({
        dataDirectory: join(root, "data"),
        env: {
          PATH: `${join(root, "bin")}:${Deno.env.get("PATH")}`,
          HOME: root,
          DENO_CERT: authority,
          PRICING_API_URL: `https://127.0.0.1:${service.addr.port}/prices`,
          PRICING_API_HEADER_AUTH: "Bearer house",
          PRICING_API_TIMEOUT_MS: "5000",
          ...more,
        },
      });
    let program = await start({});
    try {
      let api = await ApiClient.signIn(program.printedUrl);
      const refused = await waitForFeed(api, "failed");
      assert.match(refused.problems.join(), /127\.0\.0\.1, an address of this machine/);
      assert.deepEqual(asked, []);
      await program.stop();

      program = await start({ PRICING_API_ALLOW_PRIVATE: "1" });
      api = await ApiClient.signIn(program.printedUrl);
      assert.equal((await waitForFeed(api, "in_use")).models, 1);
      assert.equal(asked[0], "Bearer house");
      const { id } = await api.launch({ cwd: root, command: "claude" });
      assert.equal(await reportCall({ api, program, id }), 1000 * 7000 + 100 * 11_000);
      await api.call("/api/sessions/stop-all", { method: "POST" });
      await api.waitForEnd(id);
      await program.stop();

      await service.shutdown();
      program = await start({ PRICING_API_ALLOW_PRIVATE: "1" });
      const stale = await waitForFeed(await ApiClient.signIn(program.printedUrl), "stale");
      assert.deepEqual([stale.models, stale.problems.length], [1, 1]);
    } finally {
      await program.stop();
      await endHolders(program.dataDirectory);
      await service.shutdown();
      await Deno.remove(root, { recursive: true });
    }
  },
});
