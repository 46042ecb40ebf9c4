import assert from "node:assert/strict";
import type {
  ServerMessage,
  SummaryList,
  SummaryPreview,
  SummaryRequest,
  SummaryView,
} from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { until } from "../testing/until.ts";
import { type Summaries, SummariesModel } from "./summaries.ts";

const PREVIEW: SummaryPreview = {
  id: "p1",
  provider: "litellm",
  name: "LiteLLM",
  host: "127.0.0.1:4000",
  model: "gpt-4.1-nano",
  text: "all of it",
  bytes: 9,
  maskedSecrets: 0,
  parts: [],
  maxCostNanoUsd: 1,
};
const PROGRESS = { startedAtMs: 1, trigger: "user", host: "127.0.0.1:4000", model: "m", attempt: 1 } as const;

function summary(id: number, more: Partial<SummaryView> = {}): SummaryView {
  const made = { state: "done", trigger: "user", title: `title ${id}`, text: "text" } as const;
  const used = { sentBytes: 1, maskedSecrets: 0, calls: 1, tokens: { input: 1, output: 1 } };
  return { id, atMs: id, ...made, ...used, costNanoUsd: 1, priceEstimated: false, durationMs: 1, ...more };
}

interface Scene {
  model: Summaries;
  server: {
    list: SummaryList;
    sent: SummaryRequest[];
    refusal: ApiError | undefined;
    preview: () => Promise<SummaryPreview>;
  };
  tell(message: ServerMessage): void;
}

function setUp(): Scene {
  const server: Scene["server"] = {
    list: { items: [] },
    sent: [],
    refusal: undefined,
    preview: () => Promise.resolve(PREVIEW),
  };
  const listeners = new Set<(message: ServerMessage) => void>();
  const answer = (): Promise<SummaryList> =>
    server.refusal ? Promise.reject(server.refusal) : Promise.resolve(server.list);
  const model = new SummariesModel({
    sessionId: "s1",
    api: {
      listSummaries: () => Promise.resolve(server.list),
      previewSummary: () => server.preview(),
      generateSummary: (_, request) => {
        server.sent.push(request);
        return answer();
      },
      cancelSummary: answer,
    },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return { model, server, tell: (message) => listeners.forEach((listener) => listener(message)) };
}

Deno.test("nothing is sent but what was shown", async () => {
  const { model, server } = setUp();
  await model.send();
  assert.deepEqual(server.sent, []);
  await model.ask();
  assert.deepEqual(model.asking.value, { state: "ready", preview: PREVIEW });
  await model.send();
  assert.deepEqual(server.sent, [{ preview: "p1" }]);
  assert.equal(model.asking.value, undefined);
});

Deno.test("a preview that comes after the dialog was closed is dropped; one that fails says why", async () => {
  const { model, server } = setUp();
  const late = Promise.withResolvers<SummaryPreview>();
  server.preview = () => late.promise;
  const asked = model.ask();
  assert.deepEqual(model.asking.value, { state: "loading" });
  model.dismiss();
  late.resolve(PREVIEW);
  await asked;
  assert.equal(model.asking.value, undefined);
  server.preview = () =>
    Promise.reject(new ApiError({ code: "conflict", message: "There is nothing to sum up" }));
  await model.ask();
  assert.deepEqual(model.asking.value, { state: "failed", error: "There is nothing to sum up" });
});

Deno.test("progress comes with messages, and the list is read anew at the end", async () => {
  const { model, server, tell } = setUp();
  await model.list.load();
  tell({ type: "summaries", sessionId: "another", generating: PROGRESS });
  assert.equal(model.list.value.value?.generating, undefined);
  tell({ type: "summaries", sessionId: "s1", generating: PROGRESS });
  assert.deepEqual(model.list.value.value?.generating, PROGRESS);
  server.list = { items: [summary(1)] };
  tell({ type: "summaries", sessionId: "s1" });
  await until(() => model.newest.value?.id === 1);
  assert.equal(model.list.value.value?.generating, undefined);
});

Deno.test("the newest that was made is shown, and a failure only while it is the last", async () => {
  const { model, server } = setUp();
  server.list = { items: [summary(2, { state: "failed", error: "no" }), summary(1)] };
  await model.list.load();
  assert.equal(model.newest.value?.id, 1);
  assert.equal(model.failed.value?.id, 2);
  server.list = { items: [summary(3), ...server.list.items] };
  await model.list.load();
  assert.equal(model.newest.value?.id, 3);
  assert.equal(model.failed.value, undefined);
});

Deno.test("a refusal is said", async () => {
  const { model, server } = setUp();
  server.refusal = new ApiError({ code: "conflict", message: "Look at it again" });
  await model.ask();
  await model.send();
  assert.equal(model.problem.value, "Look at it again");
  await model.ask();
  assert.equal(model.problem.value, undefined);
});
