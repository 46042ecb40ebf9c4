// Names as bytes: what is shown, what names a file in calls, what never names one.
import { equal } from "node:assert/strict";
import { bytePathOf, bytePathOfText, fileIdOf, openableName, pathOfFileId, shownPath } from "./path_bytes.ts";

const LATIN = bytePathOf(Uint8Array.of(0x63, 0xe9, 0x2f, 0x66));

Deno.test("a name that is UTF-8 is shown as it is, its id is percent-encoded and leads back", () => {
  const path = bytePathOfText("dir/größe 100%.txt");
  equal(shownPath(path), "dir/größe 100%.txt");
  equal(fileIdOf(path), "dir/gr%C3%B6%C3%9Fe%20100%25.txt");
  equal(pathOfFileId(fileIdOf(path)), path);
  equal(openableName(path), "dir/größe 100%.txt");
});

Deno.test("bytes that are not UTF-8 are escaped where they stand", () => {
  equal(shownPath(LATIN), "c\\xe9/f");
  equal(openableName(LATIN), undefined);
  equal(pathOfFileId("c%E9/f"), LATIN);
  equal(shownPath(bytePathOf(Uint8Array.of(0xc3, 0xb6, 0xff, 0xed, 0xa0, 0x80))), "ö\\xff\\xed\\xa0\\x80");
});

Deno.test("control and direction characters never reach a screen", () => {
  equal(shownPath(bytePathOfText("a\x1b[31m\n\u202eb\u200b")), "a\\x1b[31m\\x0a\\u202eb\\u200b");
});

Deno.test("what leads out of a work tree or into a repository is no id", () => {
  for (
    const id of [
      "",
      "/a",
      "a//b",
      "../a",
      "a/..",
      "./a",
      ".git/config",
      "x/.GIT/y",
      "a%00",
      "%",
      "a%2",
      "a\nb",
      "a%2F..%2Fb",
    ]
  ) {
    equal(pathOfFileId(id), undefined, id);
  }
});
