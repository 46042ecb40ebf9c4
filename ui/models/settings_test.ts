import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { Settings } from "../../server/protocol.ts";
import { FakeStore } from "../testing/fake_store.ts";
import { SettingsModel, type SettingsStore } from "./settings.ts";

const SAVED: Settings = {
  theme: "dark",
  fontSize: 15,
  copyOnSelect: true,
  screenReader: false,
  loginShell: false,
};

function setUp(update: (patch: Partial<Settings>) => Promise<Settings>): {
  settings: SettingsStore;
  store: FakeStore;
  errors: string[];
  systemIsDark: { value: boolean };
} {
  const store = new FakeStore();
  const errors: string[] = [];
  const systemIsDark = signal(false);
  const settings = new SettingsModel({
    api: { getSettings: () => Promise.resolve(SAVED), updateSettings: update },
    store,
    systemIsDark,
    onError: (message) => errors.push(message),
  });
  return { settings, store, errors, systemIsDark };
}

Deno.test("settings are loaded and the theme is kept for the next first paint", async () => {
  const { settings, store } = setUp(() => Promise.resolve(SAVED));
  assert.equal(settings.scheme.value, "light");
  await settings.load();
  assert.equal(settings.scheme.value, "dark");
  assert.equal(store.getItem("agents-fleet.theme"), "dark");
});

Deno.test("the theme follows the system only when asked to", () => {
  const { settings, systemIsDark } = setUp(() => Promise.resolve(SAVED));
  systemIsDark.value = true;
  assert.equal(settings.scheme.value, "dark");
});

Deno.test("a change shows at once and is taken back when it is refused", async () => {
  const answer = Promise.withResolvers<Settings>();
  const { settings, errors } = setUp(() => answer.promise);
  const done = settings.update({ fontSize: 20 });
  assert.equal(settings.values.value.fontSize, 20);
  answer.reject(new Error("no"));
  await done;
  assert.equal(settings.values.value.fontSize, 13);
  assert.deepEqual(errors, ["The setting was not saved: no"]);
});

Deno.test("font sizes stay in range", async () => {
  const asked: (number | undefined)[] = [];
  const { settings } = setUp((patch) => {
    asked.push(patch.fontSize);
    return Promise.resolve({ ...SAVED, ...patch });
  });
  for (const size of [500, -1, NaN, 12.4]) await settings.setFontSize(size);
  assert.deepEqual(asked, [32, 8, 12]);
});
