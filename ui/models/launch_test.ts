import assert from "node:assert/strict";
import type { LaunchCheck, LaunchRequest, SessionView } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { makeSession } from "../testing/sessions.ts";
import { until } from "../testing/until.ts";
import { type LaunchForm, LaunchModel } from "./launch.ts";

const GOOD: LaunchCheck = {
  cwd: { ok: true, path: "/work" },
  command: { kind: "shell", mode: "direct", program: "/bin/bash" },
};
const BAD: LaunchCheck = {
  cwd: { ok: false, message: "No such directory" },
  command: { kind: "shell", mode: "direct", problem: "Not found" },
};

interface SetUp {
  form: LaunchForm;
  timers: FakeTimers;
  checks: { cwd: string; command: string; signal: AbortSignal }[];
  launched: LaunchRequest[];
}

function setUp(options: { check?: LaunchCheck; create?: () => Promise<SessionView> } = {}): SetUp {
  const timers = new FakeTimers();
  const checks: SetUp["checks"] = [];
  const launched: LaunchRequest[] = [];
  const form = new LaunchModel({
    api: {
      checkLaunch: (input, signal) => {
        checks.push({ ...input, signal });
        return Promise.resolve(options.check ?? GOOD);
      },
      listDirectories: () => Promise.resolve([]),
      createSession: (request) => {
        launched.push(request);
        return options.create?.() ?? Promise.resolve(makeSession());
      },
    },
    debounce: (callback) => timers.start(150, callback),
    onLaunched: () => {},
  });
  return { form, timers, checks, launched };
}

Deno.test("typing is checked after a pause, and a check that is out of date is given up", async () => {
  const { form, timers, checks } = setUp();
  form.setField("cwd", "/w");
  timers.advance(100);
  form.setField("cwd", "/work");
  assert.equal(checks.length, 0);
  timers.advance(150);
  form.setField("command", "bash");
  assert.equal(checks[0]?.signal.aborted, true);
  timers.advance(150);
  assert.deepEqual(checks.map(({ cwd, command }) => [cwd, command]), [["/work", ""], ["/work", "bash"]]);
  await until(() => form.check.value !== undefined);
  form[Symbol.dispose]();
  assert.equal(timers.pending, 0);
});

Deno.test("problems are shown at their fields, not before something was typed", async () => {
  const { form, timers } = setUp({ check: BAD });
  form.setField("cwd", "relative");
  timers.advance(150);
  await until(() => form.check.value !== undefined);
  assert.equal(form.cwdProblem.value, "No such directory");
  assert.equal(form.commandProblem.value, undefined);
  form.setField("command", "nope");
  assert.equal(form.commandProblem.value, "Not found");
});

Deno.test("submit names what is missing and launches nothing", async () => {
  const { form, launched } = setUp();
  await form.submit();
  assert.equal(form.error.value?.field, "cwd");
  form.setField("cwd", "/work");
  await form.submit();
  assert.equal(form.error.value?.field, "command");
  assert.equal(launched.length, 0);
});

Deno.test("submit sends what was typed, trimmed, a title only if there is one", async () => {
  const { form, launched } = setUp();
  form.setField("cwd", " /work ");
  form.setField("command", "bash ");
  await form.submit();
  form.setField("title", " Look ");
  await form.submit();
  assert.deepEqual(launched, [
    { cwd: "/work", command: "bash" },
    { cwd: "/work", command: "bash", title: "Look" },
  ]);
});

Deno.test("a refused launch is shown where the server says, until the field changes", async () => {
  const create = (): Promise<SessionView> =>
    Promise.reject(new ApiError({ code: "invalid", message: "Too long", field: "title" }));
  const { form } = setUp({ create });
  form.setField("cwd", "/work");
  form.setField("command", "bash");
  await form.submit();
  assert.deepEqual(form.error.value, { field: "title", message: "Too long" });
  assert.equal(form.launching.value, false);
  form.setField("title", "x");
  assert.equal(form.error.value, undefined);
});

Deno.test("a double click launches once", async () => {
  const answer = Promise.withResolvers<SessionView>();
  const { form, launched } = setUp({ create: () => answer.promise });
  const first = form.launch({ cwd: "/", command: "a" });
  const second = form.launch({ cwd: "/", command: "a" });
  answer.resolve(makeSession());
  await Promise.all([first, second]);
  assert.equal(launched.length, 1);
});
