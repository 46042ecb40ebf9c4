import assert from "node:assert/strict";
import type { FleetSettings } from "../../server/protocol.ts";
import { FleetSettingsModel, type FleetSettingsStore } from "./fleet_settings.ts";

const NO_LIMITS = { usd: null, tokens: null };
const STORED: FleetSettings = {
  defaultBudgets: { claude: NO_LIMITS, codex: NO_LIMITS, shell: NO_LIMITS },
  weekStartsOn: 7,
  timeZone: null,
  countCacheReads: false,
  additionsOff: ["hooks"],
  keepRequestHashes: false,
  prices: { models: {} },
  notifyBrowser: false,
  notifyToast: true,
  notifySound: false,
};

function setUp(
  refuse?: Error,
): { store: FleetSettingsStore; patches: Partial<FleetSettings>[]; errors: string[] } {
  const patches: Partial<FleetSettings>[] = [];
  const errors: string[] = [];
  let stored = STORED;
  const store = new FleetSettingsModel({
    api: {
      getFleetSettings: () => Promise.resolve(stored),
      updateFleetSettings: (patch) => {
        patches.push(patch);
        if (refuse !== undefined) return Promise.reject(refuse);
        stored = { ...stored, ...patch };
        return Promise.resolve(stored);
      },
    },
    onError: (message) => errors.push(message),
  });
  return { store, patches, errors };
}

Deno.test("a default budget changes one kind and keeps the others", async () => {
  const { store, patches } = setUp();
  await store.load();
  await store.setDefaultBudget("codex", { usd: 5, tokens: null });
  assert.deepEqual(patches[0]?.defaultBudgets?.codex, { usd: 5, tokens: null });
  assert.deepEqual(patches[0]?.defaultBudgets?.claude, NO_LIMITS);
});

Deno.test("additions are switched one by one", async () => {
  const { store, patches } = setUp();
  await store.load();
  await store.setAddition("telemetry", false);
  await store.setAddition("hooks", true);
  assert.deepEqual(patches.map(({ additionsOff }) => additionsOff), [["hooks", "telemetry"], ["telemetry"]]);
});

Deno.test("a refused change is taken back and said", async () => {
  const { store, errors } = setUp(new Error("no"));
  await store.load();
  assert.equal(await store.update({ weekStartsOn: 1 }), false);
  assert.equal(store.values.value?.weekStartsOn, 7);
  assert.deepEqual(errors, ["The setting was not saved: no"]);
});

Deno.test("nothing is changed before the settings are known", async () => {
  const { store, patches } = setUp();
  assert.equal(await store.update({ weekStartsOn: 1 }), false);
  assert.deepEqual(patches, []);
});
