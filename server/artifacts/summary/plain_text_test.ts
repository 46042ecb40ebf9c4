import assert from "node:assert/strict";
import { shownText, typedText } from "./plain_text.ts";

Deno.test("typedText leaves what was meant, of keys as the audit writes them", () => {
  const cases: [audited: string, typed: string][] = [
    ["fix the parser\\r", "fix the parser"],
    [String.raw`sed 's/\\r$//' \\\\n\r`, String.raw`sed 's/\r$//' \\n`],
    ["\\e[200~two\\nlines\\e[201~\\r", "two\nlines"],
    ["\\e[A\\e[B\\eOP", ""],
    ["ab\\x7f\\x7fcd\\r", "cd"],
    ["wrong\\x15right\\r", "right"],
    ["one\\e[13;2utwo\\e\\rthree\\r", "one\ntwo\nthree"],
    ["\\e[<0;12;7M\\e[<0;12;7mclick", "click"],
    ["\\e[M !!click", "click"],
    ["\\e[I\\e[Ofocus", "focus"],
    ["sudo ls\\r [9 bytes typed without echo]", "sudo ls"],
    ["[9 bytes typed without echo]", ""],
    ["a\\x03\\x1bb", "a"],
    ["left \u202eto right", "left to right"],
    ["\\e]52;c;c2VjcmV0\\x07tail", "tail"],
    ["naïve 😀\\x7f", "naïve"],
  ];
  for (const [audited, typed] of cases) assert.equal(typedText(audited), typed, audited);
});

Deno.test("shownText leaves what a person read on a screen", () => {
  assert.equal(
    shownText("\u001b[1;31mred\u001b[0m\r\n\u001b]0;title\u0007\ttab\u0000\u200b."),
    "red\n\ttab.",
  );
});
