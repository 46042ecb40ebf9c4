import assert from "node:assert/strict";
import { buildUi, fixIndex, MAX_PAGE_BYTES } from "./build_ui.ts";

Deno.test("the built page has hashed files at absolute addresses, a nonce's place, and nothing inline", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const out = new URL(`file://${directory}/ui/`);
    const files = await buildUi(out);
    const html = await Deno.readTextFile(new URL("index.html", out));
    const extensionOf = (name: string): string => name.slice(name.lastIndexOf("."));
    const names = files.map((file) => file.name).sort((a, b) => extensionOf(a) < extensionOf(b) ? -1 : 1);
    assert.equal(names.length, 3);
    for (const [index, pattern] of [/^index-\w+\.css$/, /^index\.html$/, /^index-\w+\.js$/].entries()) {
      assert.match(names[index] ?? "", pattern);
    }
    assert.ok(html.includes(`src="/${names[2]}"`) && html.includes(`href="/${names[0]}"`));
    assert.ok(html.includes('<meta name="style-nonce" content="__NONCE__">'));
    assert.doesNotMatch(html, /<style|style=|<script>| on\w+=|crossorigin/);
    assert.ok(files.reduce((sum, file) => sum + file.gzipBytes, 0) < MAX_PAGE_BYTES);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("fixIndex leaves other addresses alone", () => {
  const html = '<link href="data:,"><script src="./a.js" crossorigin></script>';
  assert.equal(fixIndex(html), '<link href="data:,"><script src="/a.js"></script>');
});
