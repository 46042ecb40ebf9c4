import assert from "node:assert/strict";
import { chooseProvider, findProviders, isUsable } from "./summary_providers.ts";

function litellm(address: string): string {
  const [state] = findProviders({ LITELLM_BASE_URL: address });
  assert.ok(state);
  return isUsable(state) ? state.baseUrl : state.problem;
}

Deno.test("a base URL is taken with or without /v1, encrypted or on this machine", () => {
  assert.equal(litellm("https://llm.example.com"), "https://llm.example.com");
  assert.equal(litellm("https://llm.example.com/proxy/v1/"), "https://llm.example.com/proxy");
  assert.equal(litellm("http://127.0.0.1:4000/v1"), "http://127.0.0.1:4000");
  assert.equal(litellm("http://localhost:4000"), "http://localhost:4000");
  assert.equal(litellm("http://[::1]:4000/"), "http://[::1]:4000");
});

Deno.test("a base URL that would give a key away, or is none, is refused with the reason", () => {
  assert.match(litellm("http://llm.example.com"), /http is for this machine only/);
  assert.match(litellm("http://127.0.0.1.example.com"), /http is for this machine only/);
  assert.match(litellm("https://me:pw@llm.example.com"), /must not hold a user/);
  assert.match(litellm("https://llm.example.com/?key=1"), /must not have a query/);
  assert.match(litellm("ftp://llm.example.com"), /must begin with https/);
  assert.match(litellm("llm"), /it is no address/);
});

Deno.test("LiteLLM comes before the Claude API unless the setting names one", () => {
  const both = findProviders({ LITELLM_BASE_URL: "http://127.0.0.1:4000", ANTHROPIC_API_KEY: "key" });
  const idOf = (wanted: "auto" | "litellm" | "claude", states = both): string => {
    const chosen = chooseProvider(states, wanted);
    return "problem" in chosen ? chosen.problem : chosen.id;
  };
  assert.equal(idOf("auto"), "litellm");
  assert.equal(idOf("claude"), "claude");
  assert.equal(idOf("auto", findProviders({ ANTHROPIC_API_KEY: "key" })), "claude");
  assert.match(idOf("litellm", findProviders({ ANTHROPIC_API_KEY: "key" })), /LiteLLM is not set up/);
  assert.match(idOf("auto", findProviders({})), /No model is set up/);
});
