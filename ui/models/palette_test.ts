import assert from "node:assert/strict";
import { Plus } from "lucide";
import { type PaletteEntry, PaletteModel, rankEntries } from "./palette.ts";

function entry(label: string, hint = ""): PaletteEntry {
  return { id: label, group: "Actions", label, hint, icon: Plus, run: () => {} };
}

const ENTRIES = [
  entry("Hide the list"),
  entry("Settings"),
  entry("New session"),
  entry("bash", "stopped · repo"),
];

function labels(query: string): string[] {
  return rankEntries(ENTRIES, query).map((each) => each.label);
}

Deno.test("rankEntries puts the best match first and drops what does not match", () => {
  assert.equal(labels("").length, 4);
  assert.deepEqual(labels("set"), ["Settings"]);
  assert.deepEqual(labels("se"), ["Settings", "New session"]);
  assert.deepEqual(labels("repo bash"), ["bash"]);
  assert.deepEqual(labels("nwssn"), ["New session"]);
  assert.deepEqual(labels("zzz"), []);
});

Deno.test("the cursor goes round and Enter runs what is under it", () => {
  const ran: string[] = [];
  const palette = new PaletteModel(() =>
    ENTRIES.map((each) => ({ ...each, run: () => ran.push(each.label) }))
  );
  palette.open();
  palette.move(-1);
  assert.equal(palette.cursor.value, 3);
  palette.move(1);
  palette.choose();
  assert.deepEqual(ran, ["Hide the list"]);
  assert.equal(palette.isOpen.value, false);
});
