import assert from "node:assert/strict";
import { RecordingUseModel } from "./recording_use.ts";

const USE = { sessionId: "s", keep: false, storedBytes: 100, rawBytes: 1000 };

Deno.test("keeping shows at once and stays", async () => {
  const model = new RecordingUseModel({
    api: {
      getRecordingUse: () => Promise.resolve(USE),
      keepRecording: (_id, keep) => Promise.resolve({ ...USE, keep }),
    },
    sessionId: "s",
  });
  await model.use.load();
  const kept = model.keep(true);
  assert.equal(model.use.value.value?.keep, true);
  await kept;
  assert.equal(model.use.value.value?.keep, true);
  assert.equal(model.problem.value, undefined);
});

Deno.test("a refused change is taken back and said", async () => {
  const model = new RecordingUseModel({
    api: {
      getRecordingUse: () => Promise.resolve(USE),
      keepRecording: () => Promise.reject(new Error("no")),
    },
    sessionId: "s",
  });
  await model.use.load();
  await model.keep(true);
  assert.equal(model.use.value.value?.keep, false);
  assert.match(model.problem.value ?? "", /no$/);
});
