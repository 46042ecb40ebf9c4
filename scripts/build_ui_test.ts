import assert from "node:assert/strict";
import { buildUi, fixIndex, fixReferences, MAX_PAGE_BYTES, startBytes } from "./build_ui.ts";

Deno.test("the built page has hashed files at absolute addresses, a nonce's place, and nothing inline", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const out = new URL(`file://${directory}/ui/`);
    const files = await buildUi(out);
    const html = await Deno.readTextFile(new URL("index.html", out));
    for (const { name } of files) assert.match(name, /^index\.html$|^[\w.-]+-[0-9A-Z]{8}\.(js|css)$/);
    assert.match(html, /src="\/index-\w+\.js"/);
    assert.match(html, /href="\/index-\w+\.css"/);
    assert.ok(html.includes('<meta name="style-nonce" content="__NONCE__">'));
    assert.doesNotMatch(html, /<style|style=|<script>| on\w+=|crossorigin/);
    assert.ok(startBytes(files) < MAX_PAGE_BYTES);
    const worker = files.find(({ name }) => name.startsWith("diff_worker-"));
    assert.ok(worker && !worker.atStart && html.includes(`content="/${worker.name}"`));
    assert.ok(files.some(({ name, atStart }) => name.startsWith("ChangesPane-") && !atStart));
    for (const { name } of files.filter(({ name }) => name.endsWith(".js"))) {
      const script = await Deno.readTextFile(new URL(name, out));
      for (const [, referred] of script.matchAll(/(?:from|import)\(?"\.\/([^"]+)"/g)) {
        assert.ok(files.some((file) => file.name === referred), `${name} refers to ${referred}`);
      }
      assert.ok(!/_\.\._\/|\/\.cache\//.test(script), `${name} names no place of this machine`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("fixIndex leaves other addresses alone", () => {
  const html = '<link href="data:,"><script src="./a.js" crossorigin></script>';
  assert.equal(fixIndex(html), '<link href="data:,"><script src="/a.js"></script>');
});

Deno.test("fixReferences makes references of what lies elsewhere to what lies beside", () => {
  assert.equal(
    fixReferences('import{a}from"../../chunk-ABCD1234.js";import("./_.._/_.._/ui/pane-A1B2C3D4.js")'),
    'import{a}from"./chunk-ABCD1234.js";import("./pane-A1B2C3D4.js")',
  );
  assert.equal(fixReferences('x="../../a-file.js"'), 'x="../../a-file.js"');
});
