import assert from "node:assert/strict";
import { FakeStore } from "../testing/fake_store.ts";
import { LayoutModel, MAX_LIST_PX, MIN_LIST_PX } from "./layout.ts";

Deno.test("the layout is kept and the list's width stays in bounds", () => {
  const store = new FakeStore();
  const layout = new LayoutModel(store);
  layout.resizeList(10_000);
  assert.equal(layout.listPx.value, MAX_LIST_PX);
  layout.resizeList(1);
  layout.toggleList();
  layout.grouping.value = "repository";
  layout[Symbol.dispose]();
  const again = new LayoutModel(store);
  assert.deepEqual(
    [again.listPx.value, again.listCollapsed.value, again.grouping.value],
    [MIN_LIST_PX, true, "repository"],
  );
});

Deno.test("anything else in the store is ignored", () => {
  const store = new FakeStore();
  store.setItem("agents-fleet.layout", "{broken");
  assert.equal(new LayoutModel(store).listPx.value, 320);
});
