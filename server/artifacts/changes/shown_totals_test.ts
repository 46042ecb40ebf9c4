import assert from "node:assert/strict";
import type { ChangeTotals } from "../../protocol.ts";
import { ShownTotals } from "./shown_totals.ts";

Deno.test("a look at a running session's changes is told once, and holds until the next snapshot", () => {
  const stored: ChangeTotals = { files: 1, additions: 1, deletions: 0 };
  const told: string[] = [];
  const shown = new ShownTotals({ table: { totalsOf: () => stored }, onChange: (id) => told.push(id) });
  shown.see("a", { ...stored });
  assert.deepEqual(told, []);
  const later = { files: 3, additions: 20, deletions: 4 };
  shown.see("a", later);
  shown.see("a", { ...later });
  assert.deepEqual(told, ["a"]);
  assert.deepEqual([shown.of("a"), shown.of("b")], [later, stored]);
  shown.forget("a");
  assert.deepEqual(shown.of("a"), stored);
});
