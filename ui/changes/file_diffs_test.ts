import assert from "node:assert/strict";
import type { FileChange, FileDiff } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { makeChange } from "../testing/changes.ts";
import { startLocalEngine } from "../testing/local_engine.ts";
import { until } from "../testing/until.ts";
import { FileDiffs, type FileDiffsOptions } from "./file_diffs.ts";
import type { DiffSource } from "./load_file.ts";

const LINES = Array.from({ length: 200 }, (_, line) => `line ${line}`);

/** A server with one changed line in each file; the new text can be set. */
class FakeServer {
  readonly calls: string[] = [];
  changed = "changed";
  failure: Error | undefined;
  kind: FileDiff["kind"] = "text";
  running = 0;
  most = 0;

  readonly api: FileDiffsOptions["api"] = {
    getFileDiff: async (_id, { file, whitespace }, signal) => {
      this.calls.push(`diff ${file}${whitespace ?? ""}`);
      this.most = Math.max(this.most, ++this.running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      this.running--;
      signal?.throwIfAborted();
      if (this.failure) throw this.failure;
      return { kind: this.kind, hunks: [[100, 1, 100, 1]], oldBytes: 1, newBytes: 2 };
    },
    getChangedText: (_id, { file, side, secrets }, signal) => {
      this.calls.push(`${side} ${file}${secrets ? " secrets" : ""}`);
      signal?.throwIfAborted();
      const lines = side === "old" ? LINES : LINES.with(99, this.changed);
      const bytes = new TextEncoder().encode(lines.join("\n") + "\n").buffer;
      return Promise.resolve({ bytes, masked: secrets || side === "old" ? 0 : 1 });
    },
  };
}

function setUp(more: { maxKeptBytes?: number } = {}): { server: FakeServer; diffs: FileDiffs } {
  const server = new FakeServer();
  const engine = startLocalEngine((came) => diffs.takeLines(came));
  const diffs: FileDiffs = new FileDiffs({
    api: server.api,
    sessionId: "1",
    engine,
    nextFrame: (work) => work(),
    ...more,
  });
  return { server, diffs };
}

function source(files: FileChange[], key = "a b"): DiffSource {
  return { key, pair: { from: 1, to: "now" }, ignoreWhitespace: false, files };
}

const FILES = Array.from({ length: 12 }, (_, index) => makeChange({ path: `f${index}` }));
const [FILE = makeChange({ path: "none" })] = FILES;

function textOf(diffs: FileDiffs, id: string): string | undefined {
  return diffs.shown(id)?.line("new", 99)?.filter((_, at) => at % 2 === 0).join("");
}

Deno.test("only wanted files are loaded, few at a time", async () => {
  const { server, diffs } = setUp();
  diffs.setSource(source(FILES));
  assert.equal(server.calls.length, 0);
  diffs.want(FILES.slice(0, 8).map(({ id }) => id));
  await until(() => FILES.slice(0, 8).every(({ id }) => diffs.body(id).state === "text"), "eight files");
  assert.ok(server.most <= 4, `${server.most} at once`);
  assert.equal(server.calls.filter((call) => call.startsWith("diff")).length, 8);
  assert.equal(diffs.body("f9").state, "waiting");
});

Deno.test("a file is shown when the lines in view are there, with gaps that open", async () => {
  const { diffs } = setUp();
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => diffs.body(FILE.id).state === "text", "the text");
  assert.equal(textOf(diffs, FILE.id), "changed");
  assert.equal(diffs.rows(FILE), 3 + 1 + 3 + 2);
  diffs.openGap(FILE.id, 0, { fromTop: 999, fromBottom: 0 });
  assert.equal(diffs.rows(FILE), 99 + 1 + 3 + 1);
  diffs.setView("unified");
  assert.equal(diffs.rows(FILE), 99 + 2 + 3 + 1);
});

Deno.test("what is shown stays until what is newer is there", async () => {
  const { server, diffs } = setUp();
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => textOf(diffs, FILE.id) === "changed", "the text");
  server.changed = "changed again";
  diffs.setSource(source([FILE], "a c"));
  assert.equal(textOf(diffs, FILE.id), "changed");
  await until(() => textOf(diffs, FILE.id) === "changed again", "the newer text");
});

Deno.test("files that left the view or the list are given up", async () => {
  const { server, diffs } = setUp();
  diffs.setSource(source(FILES));
  diffs.want([FILE.id]);
  diffs.want(["f5"]);
  await until(() => diffs.body("f5").state === "text", "the other file");
  assert.equal(diffs.body(FILE.id).state, "waiting");
  diffs.setSource(source(FILES.slice(0, 2), "a d"));
  assert.equal(diffs.body("f5").state, "waiting");
  assert.equal(server.calls.includes("new f0"), false);
});

Deno.test("a failure is told and can be tried again; what cannot be shown is summed up", async () => {
  const { server, diffs } = setUp();
  server.failure = new ApiError({ code: "internal", message: "No luck" });
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => diffs.body(FILE.id).state === "failed", "the failure");
  server.failure = undefined;
  server.kind = "binary";
  diffs.retry(FILE.id);
  await until(() => diffs.body(FILE.id).state === "summary", "the summary");
});

Deno.test("texts out of view are let go when there are too many; their place stays as high", async () => {
  const { server, diffs } = setUp({ maxKeptBytes: 1 });
  diffs.setSource(source(FILES));
  diffs.want([FILE.id]);
  await until(() => diffs.body(FILE.id).state === "text", "the text");
  diffs.openGap(FILE.id, 0, { fromTop: 999, fromBottom: 0 });
  const rows = diffs.rows(FILE);
  diffs.want(["f5"]);
  assert.equal(diffs.body(FILE.id).state, "waiting");
  assert.equal(diffs.rows(FILE), rows);
  const before = server.calls.length;
  diffs.want([FILE.id]);
  await until(() => diffs.body(FILE.id).state === "text", "the text again");
  assert.ok(server.calls.length > before);
});

Deno.test("texts that the worker lost are told and can be loaded again", async () => {
  const { diffs } = setUp();
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => diffs.body(FILE.id).state === "text", "the text");
  diffs.loseTexts("gone");
  assert.deepEqual(diffs.body(FILE.id), { state: "failed", message: "gone" });
  diffs.retry(FILE.id);
  await until(() => diffs.body(FILE.id).state === "text", "the text again");
});

Deno.test("secrets are asked for only when the user says so", async () => {
  const { server, diffs } = setUp();
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => diffs.shown(FILE.id)?.masked === 1, "the masked text");
  assert.equal(server.calls.some((call) => call.includes("secrets")), false);
  diffs.showSecrets(FILE.id);
  await until(() => diffs.shown(FILE.id)?.masked === 0, "the whole text");
  assert.ok(server.calls.includes("new f0 secrets"));
});

Deno.test("secrets asked for while the file is loaded anew are shown", async () => {
  const { diffs } = setUp();
  diffs.setSource(source([FILE]));
  diffs.want([FILE.id]);
  await until(() => diffs.shown(FILE.id)?.masked === 1, "the masked text");
  diffs.setSource(source([FILE], "a c"));
  diffs.showSecrets(FILE.id);
  await until(() => diffs.shown(FILE.id)?.masked === 0, "the text as it is");
});

Deno.test("added and deleted files have one side and one column", async () => {
  const { server, diffs } = setUp();
  const added = makeChange({ path: "new", status: "A" });
  diffs.setSource(source([added]));
  diffs.want([added.id]);
  await until(() => diffs.body(added.id).state === "text", "the text");
  assert.equal(diffs.shown(added.id)?.look, "single");
  assert.equal(server.calls.includes("old new"), false);
});
