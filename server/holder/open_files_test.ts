import assert from "node:assert/strict";
import { assertFilesLeft, readOpenFiles } from "./open_files.ts";

Deno.test("another session is refused before the last files are open, with the reason", () => {
  assertFilesLeft({ limit: 1000, countOpen: () => 900 });
  assertFilesLeft({ limit: undefined, countOpen: () => 900 });
  assert.throws(() => assertFilesLeft({ limit: 1000, countOpen: () => 950 }), {
    code: "unavailable",
    message: /1000 files open/,
  });
});

Deno.test("what the system says is taken", { ignore: Deno.build.os !== "linux" }, () => {
  const { limit, countOpen } = readOpenFiles();
  assert.ok(limit !== undefined && limit > countOpen() && countOpen() > 3);
});
