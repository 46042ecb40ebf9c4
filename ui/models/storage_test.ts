import assert from "node:assert/strict";
import type { StorageSettings, StorageView } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { FakeTimers } from "../testing/fake_timers.ts";
import { until } from "../testing/until.ts";
import { readLimits, StorageModel, type StorageOptions, type StorageState } from "./storage.ts";

const SAVED: StorageSettings = { maxAgeDays: 90, maxTotalGb: null, capGb: 1 };
const EMPTY: StorageView = { count: 0, storedBytes: 0, rawBytes: 0, going: [], damagedFiles: [] };

interface SetUp {
  storage: StorageState;
  timers: FakeTimers;
  previewed: StorageSettings[];
  saved: Partial<StorageSettings>[];
}

async function setUp(patch: Partial<StorageOptions["api"]> = {}): Promise<SetUp> {
  const timers = new FakeTimers();
  const previewed: StorageSettings[] = [];
  const saved: Partial<StorageSettings>[] = [];
  const storage = new StorageModel({
    api: {
      getStorageSettings: () => Promise.resolve(SAVED),
      updateStorageSettings: (change) => {
        saved.push(change);
        return Promise.resolve({ ...SAVED, ...change });
      },
      previewStorage: (settings) => {
        previewed.push(settings);
        return Promise.resolve({ ...EMPTY, count: previewed.length });
      },
      cleanStorage: () => Promise.resolve({ deleted: 2, freedBytes: 5000 }),
      checkStorage: () => Promise.resolve([]),
      ...patch,
    },
    debounce: (callback) => timers.start(150, callback),
  });
  await storage.load();
  return { storage, timers, previewed, saved };
}

Deno.test("limits are read as typed: nothing is no limit, except for the cap", () => {
  assert.deepEqual(readLimits({ maxAgeDays: "", maxTotalGb: " 1,024 ", capGb: ".5" }).settings, {
    maxAgeDays: null,
    maxTotalGb: 1024,
    capGb: 0.5,
  });
  const { settings, problems } = readLimits({ maxAgeDays: "soon", maxTotalGb: "0", capGb: "" });
  assert.equal(settings, undefined);
  assert.match(problems.maxAgeDays ?? "", /^Give days/);
  assert.match(problems.maxTotalGb ?? "", /^Above 0; leave it empty/);
  assert.match(problems.capGb ?? "", /^Give GiB/);
  assert.equal(
    readLimits({ maxAgeDays: "99999", maxTotalGb: "", capGb: "1" }).problems.maxAgeDays,
    "At most 36,500",
  );
});

Deno.test("what is typed is previewed once, when the user rests, and not while it cannot be read", async () => {
  const { storage, timers, previewed } = await setUp();
  assert.deepEqual(previewed, [SAVED]);
  storage.type("maxAgeDays", "3");
  storage.type("maxAgeDays", "30");
  assert.equal(storage.stale.value, true);
  timers.advance(150);
  await until(() => !storage.stale.value);
  assert.deepEqual(previewed.slice(1), [{ ...SAVED, maxAgeDays: 30 }]);
  storage.type("capGb", "x");
  timers.advance(1000);
  assert.equal(previewed.length, 2);
  assert.equal(storage.canSave.value, false);
});

Deno.test("what is typed while a preview is made is previewed too", async () => {
  const { storage, timers, previewed } = await setUp();
  storage.type("maxAgeDays", "3");
  timers.advance(150);
  storage.type("maxAgeDays", "30");
  await until(() => storage.preview.value.value?.count === 2);
  timers.advance(150);
  await until(() => !storage.stale.value);
  assert.deepEqual(previewed.map(({ maxAgeDays }) => maxAgeDays), [90, 3, 30]);
});

Deno.test("only what differs is saved", async () => {
  const { storage, saved } = await setUp();
  assert.equal(storage.canSave.value, false);
  storage.type("maxTotalGb", "20");
  assert.equal(storage.canSave.value, true);
  await storage.save();
  assert.deepEqual(saved, [{ maxTotalGb: 20 }]);
  assert.equal(storage.isChanged.value, false);
});

Deno.test("a refusal stands at its field, or at the form", async () => {
  const refusals = [
    new ApiError({ code: "invalid", message: "too much", field: "capGb" }),
    new ApiError({ code: "offline", message: "gone" }),
  ];
  const { storage } = await setUp({
    updateStorageSettings: () => Promise.reject(refusals.shift()),
  });
  storage.type("capGb", "2");
  await storage.save();
  assert.equal(storage.problems.value.capGb, "too much");
  assert.equal(storage.problem.value, undefined);
  await storage.save();
  assert.deepEqual(storage.problems.value, {});
  assert.equal(storage.problem.value, "gone");
});

Deno.test("after deleting it says what went and looks again", async () => {
  const { storage, previewed } = await setUp();
  await storage.clean();
  assert.deepEqual(storage.cleaned.value, { deleted: 2, freedBytes: 5000 });
  assert.equal(previewed.length, 2);
  assert.equal(storage.busy.value, undefined);
});

Deno.test("a check ends with its findings or with why it failed", async () => {
  const answers = [Promise.resolve(["row 5 is missing"]), Promise.reject(new Error("gone"))];
  const { storage } = await setUp({ checkStorage: () => answers.shift() ?? Promise.resolve([]) });
  const running = storage.runCheck("full");
  assert.deepEqual(storage.check.value, { depth: "full", phase: "running" });
  await running;
  assert.deepEqual(storage.check.value, { depth: "full", phase: "done", findings: ["row 5 is missing"] });
  await storage.runCheck("quick");
  assert.deepEqual(storage.check.value, { depth: "quick", phase: "failed", error: "gone" });
});
