import assert from "node:assert/strict";
import { type AuditLine, InputAudit } from "./input_audit.ts";

function collect(): {
  audit: InputAudit;
  lines: AuditLine[];
  type: (text: string, hidden?: boolean) => void;
} {
  const lines: AuditLine[] = [];
  const audit = new InputAudit((line) => lines.push(line));
  const type = (text: string, hidden = false): void =>
    audit.add("s", { bytes: new TextEncoder().encode(text), hidden, offset: 5 });
  return { audit, lines, type };
}

Deno.test("keystrokes become one line at Enter", () => {
  const { lines, type } = collect();
  for (const key of ["l", "s", "\r"]) type(key);
  assert.deepEqual(lines, [{ session: "s", offset: 5, text: "ls\\r" }]);
});

Deno.test("of hidden input only the length is kept", () => {
  const { lines, type } = collect();
  type("hunter2", true);
  type("\r", true);
  assert.deepEqual(lines.map(({ text }) => text), ["[8 bytes typed without echo]"]);
});

Deno.test("control bytes are made visible, also in two-byte form", () => {
  const { audit, lines, type } = collect();
  type("\u001b[A\u0003\u009b");
  audit.close();
  assert.deepEqual(lines.map(({ text }) => text), ["\\e[A\\x03\\x9b"]);
});

Deno.test("a typed backslash is told from the escape of a control byte", () => {
  const { lines, type } = collect();
  type(String.raw`sed 's/\r$//'` + "\r");
  assert.equal(lines[0]?.text, String.raw`sed 's/\\r$//'\r`);
});

Deno.test("a long paste is cut", () => {
  const { lines, type } = collect();
  type("x".repeat(10_000));
  assert.equal(lines[0]?.text.length, 501);
});

Deno.test("an unfinished line is kept when the session ends", () => {
  const { audit, lines, type } = collect();
  type("half");
  audit.settle("s");
  audit.settle("s");
  assert.deepEqual(lines.map(({ text }) => text), ["half"]);
});

Deno.test("what a terminal reports by itself is not typed: focus and pointer", () => {
  const { audit, lines, type } = collect();
  for (const report of ["\u001b[I", "\u001b[O", "\u001b[<35;10;4M\u001b[<0;10;4m"]) type(report);
  audit.close();
  assert.deepEqual(lines, []);
  type("\u001b[Iok\r");
  type("\u001b[O\u001b[<0;1;1Mpw\r", true);
  assert.deepEqual(lines.map(({ text }) => text), ["ok\\r", "[3 bytes typed without echo]"]);
});
