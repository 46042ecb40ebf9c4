import assert from "node:assert/strict";
import { signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import { makeChange } from "../testing/changes.ts";
import type { Hunk } from "./diff_layout.ts";
import { HEAD_PX, ROW_PX, SPACE_PX } from "./diff_stack.ts";
import { DiffViewport } from "./diff_viewport.ts";
import type { FileBody } from "./file_diffs.ts";
import { ShownFile } from "./shown_file.ts";

const FILES = ["a", "b", "c"].map((path) => makeChange({ path, additions: 40, deletions: 0 }));
const BODY_ROWS = 48;
const FILE_PX = HEAD_PX + BODY_ROWS * ROW_PX + SPACE_PX;
const HEIGHT = 400;

/** Diffs that are there when a test says so. */
class FakeDiffs {
  readonly version = signal(0);
  readonly texts = new Map<string, ShownFile>();

  show(id: string, lines = 200, hunks: Hunk[] = [[50, 1, 50, 1], [150, 1, 150, 1]]): ShownFile {
    const shown = new ShownFile({
      textId: this.texts.size,
      hunks,
      facts: { oldLines: lines, newLines: lines, columns: 80, alignments: new Map() },
      view: "split",
      onlySide: undefined,
      opened: new Map(),
      ignoresWhitespace: false,
      bytes: 1,
      masked: 0,
      askLines: () => {},
    });
    this.texts.set(id, shown);
    this.version.value++;
    return shown;
  }
  body(id: string): FileBody {
    const shown = this.texts.get(id);
    return shown === undefined ? { state: "waiting" } : { state: "text", shown };
  }
  shown(id: string): ShownFile | undefined {
    return this.texts.get(id);
  }
  rows({ id }: FileChange): number {
    return this.texts.get(id)?.layout.rows ?? BODY_ROWS;
  }
}

function setUp(): { viewport: DiffViewport; diffs: FakeDiffs; closed: { value: string[] } } {
  const diffs = new FakeDiffs();
  const closed = signal<string[]>([]);
  const viewport = new DiffViewport({
    files: signal(FILES),
    diffs,
    isOpen: ({ id }) => !closed.value.includes(id),
  });
  viewport.scrolled({ top: 0, height: HEIGHT });
  return { viewport, diffs, closed };
}

Deno.test("only files and rows near the view are drawn", () => {
  const { viewport } = setUp();
  assert.deepEqual(viewport.drawn.value.map(({ file }) => file.path), ["a"]);
  assert.deepEqual([viewport.drawn.value[0]?.start, viewport.drawn.value[0]?.end], [0, 48]);
  viewport.scrolled({ top: 2 * FILE_PX, height: HEIGHT });
  assert.deepEqual(viewport.drawn.value.map(({ file }) => file.path), ["b", "c"]);
  assert.equal(viewport.currentId.value, "c");
});

Deno.test("small movements draw nothing anew", () => {
  const { viewport } = setUp();
  viewport.scrolled({ top: FILE_PX + 200, height: HEIGHT });
  const before = viewport.drawn.value;
  viewport.scrolled({ top: FILE_PX + 205, height: HEIGHT });
  assert.equal(viewport.drawn.value, before);
});

Deno.test("a file above that turns out shorter moves nothing on screen", () => {
  const { viewport, diffs } = setUp();
  viewport.scrolled({ top: FILE_PX + 100, height: HEIGHT });
  const rows = diffs.show("a").layout.rows;
  assert.equal(viewport.settle(), FILE_PX + 100 - (BODY_ROWS - rows) * ROW_PX);
});

Deno.test("the line at the edge stays when rows above it in its file change", () => {
  const { viewport, diffs } = setUp();
  const shown = diffs.show("a");
  const row = shown.layout.changes[1] ?? 0;
  viewport.scrolled({ top: row * ROW_PX + 7, height: HEIGHT });
  shown.openGap(0, { fromTop: 999, fromBottom: 0 });
  diffs.version.value++;
  assert.equal(viewport.settle(), (shown.layout.changes[1] ?? 0) * ROW_PX + 7);
});

Deno.test("a jump goes to the head of a file and stays while it is loaded", () => {
  const { viewport, diffs } = setUp();
  assert.equal(viewport.jumpToFile("b"), FILE_PX);
  viewport.scrolled({ top: FILE_PX, height: HEIGHT });
  assert.equal(viewport.currentId.value, "b");
  const rows = diffs.show("a").layout.rows;
  const top = FILE_PX - (BODY_ROWS - rows) * ROW_PX;
  assert.equal(viewport.settle(), top);
  diffs.show("b");
  assert.equal(viewport.settle(), top);
  viewport.scrolled({ top: top + 60, height: HEIGHT });
  assert.equal(viewport.settle(), top + 60);
});

Deno.test("a file that cannot reach the upper edge is the current one all the same", () => {
  const { viewport, closed } = setUp();
  closed.value = ["a", "b", "c"];
  const top = viewport.jumpToFile("c");
  assert.equal(top, 0);
  viewport.scrolled({ top: 0, height: HEIGHT });
  assert.equal(viewport.currentId.value, "c");
  closed.value = [];
  viewport.leaveTarget();
  viewport.scrolled({ top: 300, height: HEIGHT });
  assert.equal(viewport.currentId.value, "a");
});

Deno.test("changes follow one another over the borders of files, waiting for those to come", () => {
  const { viewport, diffs } = setUp();
  diffs.show("a");
  const go = (by: 1 | -1): void => {
    const top = viewport.jumpToChange(by);
    if (top !== undefined) viewport.scrolled({ top, height: HEIGHT });
  };
  go(1);
  assert.deepEqual(viewport.cursor.value, { id: "a", change: 0 });
  go(1);
  assert.deepEqual(viewport.cursor.value, { id: "a", change: 1 });
  go(1);
  diffs.show("b");
  const top = viewport.settle();
  assert.deepEqual(viewport.cursor.value, { id: "b", change: 0 });
  viewport.scrolled({ top: top ?? 0, height: HEIGHT });
  go(-1);
  assert.deepEqual(viewport.cursor.value, { id: "a", change: 1 });
});

Deno.test("closed files are passed by their heads", () => {
  const { viewport, diffs, closed } = setUp();
  for (const { id } of FILES) diffs.show(id);
  closed.value = ["b"];
  viewport.cursor.value = { id: "a", change: 1 };
  viewport.scrolled({ top: 0, height: 2000 });
  viewport.jumpToChange(1);
  assert.equal(viewport.cursor.value?.id, "b");
  viewport.jumpToChange(1);
  assert.deepEqual(viewport.cursor.value, { id: "c", change: 0 });
});
