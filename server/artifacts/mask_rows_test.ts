import assert from "node:assert/strict";
import { maskRows } from "./mask_rows.ts";

const KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ-abcdef";

/** A terminal of a width, as a program in a frame draws it if there is one. */
function wrap(line: string, width: number, frame = ""): string[] {
  const rows: string[] = [];
  const room = width - 2 * frame.length;
  for (let at = 0; at < line.length; at += room) {
    const row = line.slice(at, at + room);
    rows.push(frame === "" ? row : `${frame}${row.padEnd(room)}${frame}`);
  }
  return rows;
}

Deno.test("a key is masked wherever a row broke it, framed or not", () => {
  for (const frame of ["", "│ "]) {
    for (let before = 0; before < 60; before++) {
      const line = `${"x".repeat(before)} export API_KEY=${KEY}`;
      const rows = ["ready", ...wrap(line, 52, frame), "$ done"];
      const { text, count } = maskRows(rows.join("\n"));
      assert.equal(count, 1, text);
      const left = text.replaceAll(/[│\s•]/g, "");
      // A key that ends with its row takes what begins the next one for its own.
      assert.equal(left.replace("$", ""), `ready${line.replace(KEY, "").replaceAll(" ", "")}done`);
      assert.deepEqual(text.split("\n").map((row) => row.length), rows.map((row) => row.length));
    }
  }
});

Deno.test("a known value is masked over the end of a row", () => {
  const { text } = maskRows(`${"a".repeat(36)} sesame-\nopens the door`, ["sesame-opens"]);
  assert.equal(text, `${"a".repeat(36)} •••••••\n••••• the door`);
});

Deno.test("rows that are not full stand for themselves", () => {
  const text = `password=opensesame1\nnext line\n${"w ".repeat(30)}`;
  assert.equal(maskRows(text).text, text.replace("opensesame1", "•••••••••••"));
});
