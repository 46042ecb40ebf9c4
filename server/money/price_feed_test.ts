import assert from "node:assert/strict";
import { checkUrl, type FeedState, isPublicAddress, PriceFeed, type PriceFeedOptions } from "./price_feed.ts";

const PRICES = { models: { "my-model": { inputPer1M: 1, outputPer1M: 2 } } };

interface Look {
  states: FeedState[];
  asked: { url: string; init: RequestInit }[];
}

/** Looks once and lets go. */
async function look(change: {
  url?: string;
  allowPrivate?: boolean;
  addresses?: string[];
  answer?: () => Response | Promise<Response>;
  stored?: PriceFeedOptions["stored"];
}): Promise<Look> {
  const found: Look = { states: [], asked: [] };
  const feed = new PriceFeed({
    config: {
      url: change.url ?? "https://prices.example/list",
      authorization: "Bearer t",
      headers: { "x-team": "a" },
      timeoutMs: 1000,
      ttlMs: 1e9,
      allowPrivate: change.allowPrivate ?? false,
    },
    stored: change.stored,
    onState: (state) => found.states.push(state),
    onFetched: () => {},
    resolve: () => Promise.resolve(change.addresses ?? ["93.184.216.34"]),
    fetch: async (url, init) => {
      found.asked.push({ url, init });
      return await (change.answer ?? (() => Response.json(PRICES)))();
    },
    now: () => 5,
  });
  await feed.refresh();
  feed.close();
  return found;
}

Deno.test("PriceFeed fetches prices with the user's headers and follows no redirect", async () => {
  const { states, asked } = await look({});
  assert.deepEqual(states.map(({ state, fetchedAtMs }) => [state, fetchedAtMs]), [["in_use", 5]]);
  assert.ok(states[0]?.overrides?.models.has("my-model"));
  const headers = new Headers(asked[0]?.init.headers);
  assert.deepEqual([headers.get("authorization"), headers.get("x-team")], ["Bearer t", "a"]);
  assert.equal(asked[0]?.init.redirect, "manual");
});

const FAILURES: [string, Parameters<typeof look>[0], RegExp][] = [
  ["http", { url: "http://prices.example/" }, /https/],
  ["another scheme", { url: "file:///etc/passwd" }, /https/],
  ["a user in the address", { url: "https://me:pw@prices.example/" }, /user or password/],
  ["a loopback address", { addresses: ["127.0.0.1"] }, /this machine or network/],
  ["one private address among others", { addresses: ["93.184.216.34", "10.0.0.8"] }, /10\.0\.0\.8/],
  ["a literal loopback address", { url: "https://[::1]/" }, /this machine or network/],
  ["a name without an address", { addresses: [] }, /no address/],
  [
    "a redirect",
    { answer: () => new Response(null, { status: 302, headers: { location: "/" } }) },
    /redirects/,
  ],
  ["an error", { answer: () => new Response("no", { status: 500 }) }, /status 500/],
  ["3 MiB", { answer: () => new Response("x".repeat(3 * 1024 * 1024)) }, /2 MiB/],
  ["no JSON", { answer: () => new Response("<html>") }, /JSON/],
  ["a lost connection", { answer: () => Promise.reject(new TypeError("gone")) }, /gone/],
];

for (const [what, change, message] of FAILURES) {
  Deno.test(`PriceFeed says why ${what} does not work and keeps the last good answer`, async () => {
    assert.match((await look(change)).states[0]?.problems[0] ?? "", message);
    const stale = await look({ ...change, stored: { fetchedAtMs: 1, json: PRICES } });
    assert.deepEqual(stale.states.map(({ state, fetchedAtMs }) => [state, fetchedAtMs]), [["stale", 1]]);
    assert.ok(stale.states[0]?.overrides?.models.has("my-model"));
  });
}

Deno.test("PriceFeed asks a private address where the user allows it", async () => {
  assert.equal((await look({ allowPrivate: true, addresses: ["10.0.0.8"] })).states[0]?.state, "in_use");
});

for (
  const address of [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "2002:7f00:1::",
    "2001:0:1::",
    "localhost",
  ]
) {
  Deno.test(`isPublicAddress refuses ${address}`, () => assert.equal(isPublicAddress(address), false));
}

for (const address of ["93.184.216.34", "172.32.0.1", "8.8.8.8", "2606:2800:220:1::", "::ffff:8.8.8.8"]) {
  Deno.test(`isPublicAddress takes ${address}`, () => assert.equal(isPublicAddress(address), true));
}

Deno.test("checkUrl takes an address with a port and a path", () => {
  assert.equal(checkUrl("https://prices.example:8443/a?b=c").host, "prices.example:8443");
});
