import assert from "node:assert/strict";
import { test } from "../testing/test_app.ts";
import { callApp } from "../testing/app_call.ts";

const deep = "[".repeat(100) + "]".repeat(100);

const BAD_LAUNCHES: [string, unknown, number, string | undefined, RegExp][] = [
  ["no JSON", "{", 400, undefined, /not valid JSON/],
  ["a list", "[]", 400, undefined, /expected/i],
  ["deep JSON", `{"cwd":${deep},"command":"x"}`, 400, undefined, /nested deeper/],
  ["no directory", { command: "bash" }, 400, "cwd", /expected string/],
  ["an empty directory", { cwd: " ", command: "bash" }, 400, "cwd", /Choose the directory/],
  ["a relative directory", { cwd: "src", command: "bash" }, 400, "cwd", /absolute path/],
  ["a missing directory", { cwd: "/no/such/place", command: "bash" }, 400, "cwd", /does not exist/],
  ["a file", { cwd: "/etc/passwd", command: "bash" }, 400, "cwd", /is a file/],
  ["a kernel directory", { cwd: "/proc", command: "bash" }, 400, "cwd", /real file system/],
  [
    "a control character in the path",
    { cwd: "/tmp\u0000", command: "bash" },
    400,
    "cwd",
    /control characters/,
  ],
  ["a path that is too long", { cwd: "/" + "a/".repeat(3000), command: "bash" }, 400, "cwd", /too long/],
  ["no command", { cwd: "/tmp", command: "  " }, 400, "command", /Give a command/],
  [
    "a command that does not exist",
    { cwd: "/tmp", command: "no-such-program-here" },
    400,
    "command",
    /not in PATH/,
  ],
  [
    "an agent that is missing",
    { cwd: "/tmp", command: "codex" },
    400,
    "command",
    /npm install -g @openai\/codex/,
  ],
  [
    "a control character in the command",
    { cwd: "/tmp", command: "ls \u001b[2J" },
    400,
    "command",
    /control characters/,
  ],
  ["no columns", { cwd: "/tmp", command: "ls", cols: 0 }, 400, "cols", /cols/],
  ["a million columns", { cwd: "/tmp", command: "ls", cols: 1e6 }, 400, "cols", /cols/],
  ["half a row", { cwd: "/tmp", command: "ls", rows: 1.5 }, 400, "rows", /rows/],
  ["rows as text", { cwd: "/tmp", command: "ls", rows: "24" }, 400, "rows", /rows/],
  [
    "a title that is too long",
    { cwd: "/tmp", command: "ls", title: "x".repeat(201) },
    400,
    "title",
    /200 characters/,
  ],
  ["an unknown field", { cwd: "/tmp", command: "ls", spend: 1 }, 400, "spend", /Unknown field "spend"/],
  ["a prototype", '{"cwd":"/tmp","command":"ls","__proto__":{"x":1}}', 400, "__proto__", /Unknown field/],
  ["a large body", { cwd: "/tmp", command: "x".repeat(300_000) }, 413, undefined, /larger than 256 KiB/],
];

for (const [name, body, status, field, message] of BAD_LAUNCHES) {
  test(`a launch with ${name} is refused, says why, and starts nothing`, async (t) => {
    const answer = await callApp(t, "/api/sessions", { method: "POST", headers: await t.signIn(), body });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.equal(answer.body.error?.field, field);
    assert.match(answer.body.error?.message ?? "", message);
    assert.equal(t.holder.spawned.length, 0);
    assert.equal(t.sessions.list({ limit: 1 }).items.length, 0);
  });
}

test("a launch answers the session, which then is found, renamed, stopped and deleted", async (t) => {
  const headers = await t.signIn();
  const launched = await callApp(t, "/api/sessions", {
    method: "POST",
    headers,
    body: { cwd: t.directory, command: "sh" },
  });
  assert.equal(launched.status, 201);
  const path = `/api/sessions/${launched.body["id"]}`;
  assert.equal((await callApp(t, path, { headers })).body["lifecycle"], "running");
  assert.equal(
    (await callApp(t, path, { method: "PATCH", headers, body: { title: " My work " } })).body["title"],
    "My work",
  );
  assert.equal((await callApp(t, path, { method: "DELETE", headers })).status, 409);
  assert.equal((await callApp(t, `${path}/stop`, { method: "POST", headers })).status, 202);
  t.holder.exit(String(launched.body["id"]), { signal: "SIGHUP" });
  await t.sessions.stopsFinished();
  assert.equal((await callApp(t, path, { headers })).body["endReason"], "user_stop");
  assert.equal((await callApp(t, path, { method: "DELETE", headers })).status, 200);
  assert.equal((await callApp(t, path, { headers })).status, 404);
});

test("ids that are none are not found", async (t) => {
  const headers = await t.signIn();
  for (const id of ["x", "..%2f..%2fetc", "00000000-0000-7000-8000-00000000000", "' OR 1=1 --"]) {
    assert.equal((await callApp(t, `/api/sessions/${encodeURIComponent(id)}`, { headers })).status, 404);
  }
});

test("lists refuse wrong limits and cursors and page without gaps", async (t) => {
  const headers = await t.signIn();
  for (const query of ["limit=0", "limit=999", "limit=x", "cursor=abc", "kind=other", "lifecycle=dead"]) {
    assert.equal((await callApp(t, `/api/sessions?${query}`, { headers })).status, 400, query);
  }
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    ids.unshift((await t.sessions.launch({ cwd: t.directory, command: `echo ${n}` })).id);
  }
  const seen: unknown[] = [];
  let cursor = "";
  do {
    const page = await callApp(t, `/api/sessions?limit=2${cursor}`, { headers });
    seen.push(...(page.body["items"] as { id: string }[]).map(({ id }) => id));
    cursor = page.body["next"] ? `&cursor=${page.body["next"]}` : "";
  } while (cursor);
  assert.deepEqual(seen, ids);
});

test("settings keep what is set and refuse what is not theirs", async (t) => {
  const headers = await t.signIn();
  assert.equal((await callApp(t, "/api/settings", { headers })).body["theme"], "system");
  const changed = await callApp(t, "/api/settings", { method: "PATCH", headers, body: { theme: "dark" } });
  assert.equal(changed.body["theme"], "dark");
  assert.equal(
    (await callApp(t, "/api/settings", { method: "PATCH", headers, body: { fontSize: 1e309 } })).status,
    400,
  );
  assert.equal(
    (await callApp(t, "/api/settings", { method: "PATCH", headers, body: { port: 1 } })).status,
    400,
  );
});
