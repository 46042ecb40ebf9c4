import assert from "node:assert/strict";
import { test, TEST_ORIGIN, TEST_PORT } from "../testing/test_app.ts";
import { createLog } from "../log.ts";
import { callApp } from "../testing/app_call.ts";
import { AGENT_KEY_HEADER, createAgentApp } from "./agent_app.ts";
import { mintAgentKey } from "./agent_keys.ts";

const HOST = new URL(TEST_ORIGIN).host;

const SECURITY_HEADERS = [
  "content-security-policy",
  "x-content-type-options",
  "x-frame-options",
  "referrer-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "permissions-policy",
  "cache-control",
];

test("every route refuses every caller that lacks a part of the credentials", async (t) => {
  const signedIn = await t.signIn();
  const without = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(signedIn).filter(([key]) => key !== name));
  const callers: [string, number, Record<string, string>][] = [
    ["no headers at all", 403, {}],
    ["an origin only", 401, { host: HOST, origin: TEST_ORIGIN }],
    ["no cookie", 401, without("cookie")],
    ["no page key", 401, without("x-page-key")],
    ["wrong page key", 401, { ...signedIn, "x-page-key": "x".repeat(43) }],
    ["wrong cookie", 401, { ...signedIn, cookie: "test_cookie=" + "x".repeat(43) }],
    ["the cookie twice", 401, { ...signedIn, cookie: `${signedIn["cookie"]}; ${signedIn["cookie"]}` }],
    ["a foreign origin", 403, { ...signedIn, origin: "http://evil.example" }],
    ["another port's origin", 403, { ...signedIn, origin: "http://127.0.0.1:3000" }],
    ["a host that is not the target's", 400, { ...signedIn, host: "evil.example" }],
    ["another site", 403, { ...signedIn, "sec-fetch-site": "same-site" }],
  ];
  const routes = t.app.routes.filter(({ method, path }) =>
    method !== "ALL" && path.startsWith("/api/") && path !== "/api/login"
  );
  assert.ok(routes.length > 20, `expected the whole api, found ${routes.length} routes`);
  for (const { method, path } of routes) {
    const url = path.replace(":id", "00000000-0000-7000-8000-000000000001");
    for (const [name, expected, headers] of callers) {
      const response = await t.app.request(TEST_ORIGIN + url, { method, headers });
      assert.equal(response.status, expected, `${method} ${path} answered a caller with ${name}`);
    }
  }
});

test("every registered path belongs to a class that the inventory knows", (t) => {
  const paths = new Set(t.app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path));
  const outside = [...paths].filter((path) => !path.startsWith("/api/"));
  assert.deepEqual(outside.sort(), ["/*", "/health", "/socket"]);
  return Promise.resolve();
});

test("health says ok and nothing more", async (t) => {
  assert.deepEqual(await callApp(t, "/health", { headers: { host: HOST } }), {
    status: 200,
    body: { status: "ok" },
  });
});

test("the socket refuses an upgrade without cookie or origin", async (t) => {
  const upgrade = { host: HOST, upgrade: "websocket", connection: "upgrade" };
  assert.equal((await callApp(t, "/socket", { headers: upgrade })).status, 403);
  assert.equal((await callApp(t, "/socket", { headers: { ...upgrade, origin: TEST_ORIGIN } })).status, 401);
});

test("security headers are on every answer, errors included", async (t) => {
  const headers = await t.signIn();
  const requests: [string, RequestInit][] = [
    ["/", { headers: { host: HOST } }],
    ["/nothing.js", { headers: { host: HOST } }],
    ["/api/sessions", { headers }],
    ["/api/sessions", { headers: { host: HOST } }],
    ["/api/nothing", { headers }],
    ["/", { headers: { host: "evil.example" } }],
    ["/api/sessions", { method: "POST", headers, body: "{" }],
  ];
  for (const [path, init] of requests) {
    const response = await t.app.request(TEST_ORIGIN + path, init);
    for (const name of SECURITY_HEADERS) {
      assert.ok(response.headers.has(name), `${name} is missing on ${path} (${response.status})`);
    }
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.equal(response.headers.get("strict-transport-security"), null);
  }
});

test("the page gets a fresh nonce each time, and scripts stay without one", async (t) => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => t.app.request(TEST_ORIGIN + "/", { headers: { host: HOST } })),
  );
  const policy = first?.headers.get("content-security-policy") ?? "";
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  assert.ok((await first?.text())?.includes(nonce) && nonce.length > 16);
  assert.ok(!second?.headers.get("content-security-policy")?.includes(nonce));
  assert.match(policy, /script-src 'self';/);
});

test("a code is good once", async (t) => {
  const code = t.mintCode();
  const headers = { host: HOST, origin: TEST_ORIGIN, "content-type": "application/json" };
  assert.equal((await callApp(t, "/api/login", { method: "POST", headers, body: { code } })).status, 200);
  const again = await callApp(t, "/api/login", { method: "POST", headers, body: { code } });
  assert.equal(again.status, 401);
  assert.match(again.body.error?.message ?? "", /agents-fleet url/);
});

test("wrong codes are limited, and a valid login goes on working", async (t) => {
  const signedIn = await t.signIn();
  const headers = { host: HOST, origin: TEST_ORIGIN, "content-type": "application/json" };
  const attempt = (): Promise<{ status: number }> =>
    callApp(t, "/api/login", { method: "POST", headers, body: { code: "AAAA" } });
  for (let n = 0; n < 10; n++) assert.equal((await attempt()).status, 401);
  assert.equal((await attempt()).status, 429);
  assert.equal((await callApp(t, "/api/sessions", { headers: signedIn })).status, 200);
});

test("signing out ends this login only, signing out everywhere all of them", async (t) => {
  const [first, second] = [await t.signIn(), await t.signIn()];
  await callApp(t, "/api/logout", { method: "POST", headers: first });
  assert.equal((await callApp(t, "/api/sessions", { headers: first })).status, 401);
  assert.equal((await callApp(t, "/api/sessions", { headers: second })).status, 200);
  await callApp(t, "/api/logout-all", { method: "POST", headers: second });
  assert.equal((await callApp(t, "/api/sessions", { headers: second })).status, 401);
});

test("the log holds no secret when a request fails unexpectedly", async (t) => {
  const headers = await t.signIn();
  t.sessions.list = () => {
    throw new TypeError("broken");
  };
  const answer = await callApp(t, "/api/sessions?q=hush", {
    headers: { ...headers, referer: `${TEST_ORIGIN}/#k=topsecret` },
  });
  assert.deepEqual([answer.status, answer.body.error?.code], [500, "internal"]);
  assert.doesNotMatch(JSON.stringify(answer.body), /broken/);
  const log = t.logLines.join("\n");
  assert.match(log, /broken/);
  for (const secret of [headers["x-page-key"], headers["cookie"]?.split("=")[1], "topsecret", "hush"]) {
    assert.ok(secret && !log.includes(secret));
  }
});

Deno.test("the agent port refuses browsers, other hosts and callers without a session's key", async () => {
  const installSecret = new Uint8Array(32).fill(7);
  const app = createAgentApp({
    port: TEST_PORT,
    installSecret,
    metering: { receiveLogs: () => {}, receiveHook: () => {} },
    gateway: { handle: () => Promise.resolve(new Response("through")) },
    pricesReady: () => Promise.resolve(),
    log: createLog("error", () => {}),
  });
  const session = "00000000-0000-7000-8000-000000000001";
  const key = mintAgentKey(installSecret, session);
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await app.request(`${TEST_ORIGIN}/v1/logs`, { method: "POST", headers })).status;
  assert.equal(await ask({ host: HOST }), 401);
  assert.equal(await ask({ host: HOST, [AGENT_KEY_HEADER]: key.slice(0, -1) + "x" }), 401);
  assert.equal(await ask({ host: HOST, [AGENT_KEY_HEADER]: key.replace("1.", "2.") }), 401);
  assert.equal(await ask({ host: "evil.example", [AGENT_KEY_HEADER]: key }), 403);
  assert.equal(await ask({ host: HOST, origin: TEST_ORIGIN, [AGENT_KEY_HEADER]: key }), 403);
  assert.equal(await ask({ host: HOST, [AGENT_KEY_HEADER]: key }), 415);
  const call = async (path: string, headers: Record<string, string>): Promise<string> =>
    await (await app.request(TEST_ORIGIN + path, { method: "POST", headers: { host: HOST, ...headers } }))
      .text();
  const path = "/anthropic/v1/messages";
  assert.equal(await call(path, { [AGENT_KEY_HEADER]: key }), "through");
  assert.equal(await call(`/s/${key}${path}`, {}), "through");
  assert.equal(await call(`/s/${key}/openai/responses`, { [AGENT_KEY_HEADER]: "nonsense" }), "through");
  for (
    const [refused, headers] of [
      [path, {}],
      [path, { [AGENT_KEY_HEADER]: key.slice(0, -1) + "x" }],
      [path, { [AGENT_KEY_HEADER]: key, origin: TEST_ORIGIN }],
      [path, { [AGENT_KEY_HEADER]: key, host: "evil.example" }],
      [`/s/${key.slice(0, -1)}x${path}`, { [AGENT_KEY_HEADER]: key }],
      [`/s/${key}${path}`, { origin: "null" }],
    ] as [string, Record<string, string>][]
  ) assert.match(await call(refused, headers), /"code":"(unauthorized|forbidden)"/);
});
