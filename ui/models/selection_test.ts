import assert from "node:assert/strict";
import { SelectionModel } from "./selection.ts";

Deno.test("rows are chosen one by one or as a range from the last one", () => {
  const selection = new SelectionModel();
  const order = ["a", "b", "c", "d", "e"];
  selection.toggle("d");
  selection.extendTo("b", order);
  assert.deepEqual([...selection.ids.value].sort(), ["b", "c", "d"]);
  selection.toggle("c");
  assert.deepEqual([...selection.ids.value].sort(), ["b", "d"]);
  selection.clear();
  assert.equal(selection.ids.value.size, 0);
});
