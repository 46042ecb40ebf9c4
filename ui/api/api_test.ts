import assert from "node:assert/strict";
import { Api } from "./api.ts";
import { ApiError } from "./api_error.ts";

function setUp(answer: (url: string, init: RequestInit) => Response | Promise<Response>): {
  api: Api;
  calls: { url: string; init: RequestInit }[];
  unauthorized: () => number;
} {
  const calls: { url: string; init: RequestInit }[] = [];
  let refusals = 0;
  const api = new Api({
    fetch: (input, init = {}) => {
      calls.push({ url: String(input), init });
      return Promise.resolve(answer(String(input), init));
    },
    pageKey: () => "key",
    onUnauthorized: () => {
      refusals++;
    },
  });
  return { api, calls, unauthorized: () => refusals };
}

Deno.test("calls carry the page key, stay on the origin, and leave out empty filters", async () => {
  const { api, calls } = setUp(() => Response.json({ items: [] }));
  await api.sessions.listSessions({ lifecycle: "ended", q: "", limit: 5 });
  assert.equal(calls[0]?.url, "/api/sessions?lifecycle=ended&limit=5");
  assert.equal(calls[0]?.init.credentials, "same-origin");
  assert.deepEqual(calls[0]?.init.headers, { "x-page-key": "key" });
});

Deno.test("failures become errors with the server's words and field", async () => {
  const { api } = setUp(() =>
    Response.json({ error: { code: "invalid", message: "No such directory", field: "cwd" } }, { status: 400 })
  );
  await assert.rejects(api.sessions.createSession({ cwd: "x", command: "y" }), (thrown) => {
    assert.ok(thrown instanceof ApiError);
    assert.deepEqual([thrown.code, thrown.message, thrown.field], ["invalid", "No such directory", "cwd"]);
    return true;
  });
});

Deno.test("an answer that is not JSON still says its status", async () => {
  const { api } = setUp(() => new Response("<html>", { status: 502 }));
  await assert.rejects(api.fleet.getStatus(), /status 502/);
});

Deno.test("401 locks the page, but a wrong login code does not", async () => {
  const { api, unauthorized } = setUp(() => Response.json({}, { status: 401 }));
  await assert.rejects(api.access.login("code"));
  assert.equal(unauthorized(), 0);
  await assert.rejects(api.fleet.getStatus());
  assert.equal(unauthorized(), 1);
});

Deno.test("a server that does not answer is told apart from a call given up", async () => {
  const { api } = setUp((_url, init) => {
    if (init.signal?.aborted) throw init.signal.reason;
    throw new TypeError("network");
  });
  await assert.rejects(
    api.fleet.getStatus(),
    (thrown) => thrown instanceof ApiError && thrown.code === "offline",
  );
  const abort = new AbortController();
  abort.abort();
  await assert.rejects(api.sessions.listSessions({}, abort.signal), { name: "AbortError" });
});

Deno.test("getOutput says where its bytes are and where the next range starts", async () => {
  const { api, calls } = setUp(() =>
    new Response("abc", { headers: { "x-offset": "4", "x-next-offset": "7" } })
  );
  assert.deepEqual(await api.recordings.getOutput("s", { from: 0, to: 9 }), {
    offset: 4,
    bytes: new TextEncoder().encode("abc"),
    next: 7,
  });
  assert.equal(calls[0]?.url, "/api/sessions/s/output?from=0&to=9");
});
