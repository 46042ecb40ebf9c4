import assert from "node:assert/strict";
import { checkUpstream, listUpstreams, upstreamFor } from "./chosen_upstream.ts";

const OURS = "http://127.0.0.1:4518";

Deno.test("proxies that the environment names are offered, others are not", () => {
  assert.deepEqual(listUpstreams({ LITELLM_BASE_URL: "http://localhost:4000", HOME: "/home/me" }), [
    { name: "LiteLLM", address: "http://localhost:4000" },
  ]);
  assert.deepEqual(
    listUpstreams({ LITELLM_BASE_URL: "nonsense", HEADROOM_PROXY_URL: "http://localhost:8787/" }),
    [
      { name: "Headroom", address: "http://localhost:8787/" },
    ],
  );
});

Deno.test("one address of a proxy serves both APIs, with or without /v1", () => {
  for (const address of ["http://localhost:4000", "http://localhost:4000/", "http://localhost:4000/v1"]) {
    assert.equal(upstreamFor("anthropic", address), "http://localhost:4000");
    assert.equal(upstreamFor("openai", address), "http://localhost:4000/v1");
  }
  assert.equal(
    upstreamFor("openai", "https://proxy.example/team/openai"),
    "https://proxy.example/team/openai",
  );
});

Deno.test("what is no address, holds credentials or leads back here is refused at its field", () => {
  const wrong = [
    "nonsense",
    "file:///etc/passwd",
    "https://me:secret@proxy.example",
    "https://x.example/?a=1",
    OURS,
  ];
  for (const address of wrong) {
    assert.throws(() => checkUpstream(address, OURS), { code: "invalid", field: "upstream" });
  }
  checkUpstream("https://proxy.example/v1", OURS);
});
