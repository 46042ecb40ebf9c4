import assert from "node:assert/strict";
import { computed, signal } from "@preact/signals";
import { makeChange } from "../testing/changes.ts";
import { FakeStore } from "../testing/fake_store.ts";
import { DiffLookModel } from "./diff_look.ts";
import { FileFolds } from "./file_folds.ts";
import { ViewedFiles } from "./viewed_files.ts";

const FILE = makeChange({ path: "a.ts" });

Deno.test("ticks stay in the browser, until the file changes again", () => {
  const store = new FakeStore();
  const viewed = new ViewedFiles({ store, sessionId: "1" });
  const count = computed(() => viewed.count([FILE]));
  assert.equal(count.value, 0);
  viewed.toggle(FILE);
  assert.equal(count.value, 1);
  const again = new ViewedFiles({ store, sessionId: "1" });
  assert.equal(again.has(FILE), true);
  assert.equal(again.has({ ...FILE, additions: 99 }), false);
  assert.equal(new ViewedFiles({ store, sessionId: "2" }).has(FILE), false);
  again.toggle(FILE);
  assert.equal(new ViewedFiles({ store, sessionId: "1" }).has(FILE), false);
});

Deno.test("ticks of few sessions are kept, and nonsense is no tick", () => {
  const store = new FakeStore();
  for (let session = 0; session < 60; session++) {
    new ViewedFiles({ store, sessionId: `s${session}` }).toggle(FILE);
  }
  assert.equal(new ViewedFiles({ store, sessionId: "s59" }).has(FILE), true);
  assert.equal(new ViewedFiles({ store, sessionId: "s2" }).has(FILE), false);
  store.setItem("agents-fleet.viewed", "no json");
  assert.equal(new ViewedFiles({ store, sessionId: "s59" }).has(FILE), false);
});

Deno.test("generated, viewed and far too many files are closed until the user opens them", () => {
  const generated = makeChange({ path: "deno.lock", generated: true });
  const huge = ["x", "y", "z"].map((path) => makeChange({ path, additions: 250_000 }));
  const viewed = signal(false);
  const folds = new FileFolds({
    files: signal([FILE, generated, ...huge]),
    isViewed: (file) => file.id === FILE.id && viewed.value,
  });
  const isOpen = computed(() => folds.isOpen(FILE));
  assert.equal(isOpen.value, true);
  viewed.value = true;
  assert.equal(isOpen.value, false);
  folds.toggle(FILE);
  assert.equal(isOpen.value, true);
  folds.follow(FILE);
  assert.equal(isOpen.value, false);
  assert.deepEqual([generated, ...huge].map((file) => folds.whyClosed(file)), [
    "generated",
    undefined,
    "many",
    "many",
  ]);
});

Deno.test("how diffs are shown is kept; a narrow screen has one column and the tree on wish", () => {
  const store = new FakeStore();
  const isNarrow = signal(false);
  const widthPx = signal(1000);
  const look = new DiffLookModel({ store, isNarrow, widthPx });
  look.toggleView();
  look.resizeTree(9999);
  look.showTree(false);
  const again = new DiffLookModel({ store, isNarrow, widthPx });
  assert.deepEqual([again.view.value, again.treePx.value, again.treeShown.value], ["unified", 560, false]);
  again.setView("split");
  again.showTree(true);
  isNarrow.value = true;
  assert.deepEqual([again.view.value, again.treeShown.value], ["unified", false]);
  again.showTree(true);
  assert.equal(again.treeShown.value, true);
  look[Symbol.dispose]();
  again[Symbol.dispose]();
});

Deno.test("two columns need room beside the tree; the choice waits until there is some", () => {
  const widthPx = signal(1000);
  const look = new DiffLookModel({ store: new FakeStore(), isNarrow: signal(false), widthPx });
  assert.deepEqual([look.canSplit.value, look.view.value], [true, "split"]);
  widthPx.value = 700;
  assert.deepEqual([look.canSplit.value, look.view.value], [false, "unified"]);
  look.showTree(false);
  assert.deepEqual([look.canSplit.value, look.view.value], [true, "split"]);
  look[Symbol.dispose]();
});
