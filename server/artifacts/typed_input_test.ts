import assert from "node:assert/strict";
import { readInput } from "./typed_input.ts";

const CASES: [what: string, stored: string, title: string, text: string][] = [
  ["a line", "ls -l\\r", "Typed", "ls -l"],
  [
    "typed backslashes",
    String.raw`sed 's/\\r$//' \\\\n \\x07\r`,
    "Typed",
    String.raw`sed 's/\r$//' \\n \x07`,
  ],
  ["Enter alone", "\\r", "Typed", "Enter"],
  ["a paste of lines", "\\e[200~one\\rtwo\\n\\tthree\\e[201~\\r", "Pasted", "one\ntwo\n\tthree"],
  ["keys of their own", "\\e[A\\x03\\x1a", "Typed", "\\e[A^C^Z"],
  ["a password", "[8 bytes typed without echo]", "Typed without echo", "8 bytes, not kept"],
  [
    "a password with pauses",
    "[3 bytes typed without echo][5 bytes typed without echo]",
    "Typed without echo",
    "8 bytes, not kept",
  ],
  [
    "a line that goes on without echo",
    "sudo ls\\r [4 bytes typed without echo]",
    "Typed",
    "sudo ls\n [4 bytes typed without echo]",
  ],
];

for (const [what, stored, title, text] of CASES) {
  Deno.test(`the audit is read: ${what}`, () => assert.deepEqual(readInput(stored), { title, text }));
}
