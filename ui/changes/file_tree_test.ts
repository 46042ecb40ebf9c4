import assert from "node:assert/strict";
import { makeChange } from "../testing/changes.ts";
import { filterFiles, inTreeOrder, treeRows } from "./file_tree.ts";

const FILES = [
  "README.md",
  "server/http/app.ts",
  "server/main.ts",
  "ui/views/parts/Row.tsx",
  "ui/views/parts/Tab.tsx",
]
  .map((path) => makeChange({ path }));

function show(closed: string[] = []): string[] {
  return treeRows(FILES, new Set(closed)).map((row) =>
    `${"  ".repeat(row.depth)}${row.name}${row.kind === "directory" ? `/ ${row.files}` : ""}`
  );
}

Deno.test("directories come before files, chains of one are one row", () => {
  assert.deepEqual(show(), [
    "server/ 2",
    "  http/ 1",
    "    app.ts",
    "  main.ts",
    "ui/views/parts/ 2",
    "  Row.tsx",
    "  Tab.tsx",
    "README.md",
  ]);
});

Deno.test("closed directories keep their count", () => {
  assert.deepEqual(show(["server/", "ui/views/parts/"]), ["server/ 2", "ui/views/parts/ 2", "README.md"]);
});

Deno.test("the diffs follow the tree", () => {
  assert.deepEqual(inTreeOrder(FILES).map(({ path }) => path).slice(0, 2), [
    "server/http/app.ts",
    "server/main.ts",
  ]);
  assert.equal(inTreeOrder(FILES).at(-1)?.path, "README.md");
});

Deno.test("a filter finds all of its words in the path or the path before", () => {
  const moved = makeChange({ path: "b.ts", oldPath: "old/place.ts", status: "R" });
  const paths = (filter: string): string[] => filterFiles([...FILES, moved], filter).map(({ path }) => path);
  assert.deepEqual(paths("UI row"), ["ui/views/parts/Row.tsx"]);
  assert.deepEqual(paths("place"), ["b.ts"]);
  assert.equal(paths(" ").length, FILES.length + 1);
});
