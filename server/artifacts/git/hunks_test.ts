// Hunk heads are found by counting, in whatever pieces the text comes.
import { deepEqual } from "node:assert/strict";
import { HunkReader } from "./hunks.ts";

const DIFF = `diff --git a/x b/x
index 1..2 100644
--- a/x
+++ b/x
@@ -1,2 +1 @@ context
-@@ -7 +7 @@
-two
+@@ -8 +8 @@
\\ No newline at end of file
@@ -9 +8,2 @@
-x
+diff --git a/y b/y
+@@ -1 +1 @@
`;

for (const size of [1, 2, 7, 64, 4096]) {
  Deno.test(`hunks come out of pieces of ${size} bytes`, () => {
    const bytes = new TextEncoder().encode(DIFF);
    const reader = new HunkReader();
    for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size));
    deepEqual(reader.hunks, [[1, 2, 1, 1], [9, 1, 8, 2]]);
  });
}
