import assert from "node:assert/strict";
import {
  ArtifactList,
  type ArtifactPlace,
  type ArtifactSource,
  isBehind,
  type SourceItem,
} from "./artifact_list.ts";
import { maskSecrets } from "./secrets/secrets.ts";

/** A source of items at given times; numbers ascend with their places. */
function sourceOf(
  name: string,
  timesMs: number[],
  textOf = (number: number): string => `${name} ${number}`,
): ArtifactSource {
  const items: SourceItem[] = timesMs.map((atMs, index) => ({
    number: index + 1,
    kind: name === "event" ? "marker" : "notice",
    atMs,
    title: "Item",
    text: textOf(index + 1),
  }));
  return {
    name,
    kinds: [name === "event" ? "marker" : "notice"],
    list: (_, { before, limit }) =>
      items.filter((item) => isBehind(item, before))
        .sort((a, b) => b.atMs - a.atMs || b.number - a.number).slice(0, limit),
    get: (_, number) => {
      const item = items.find((each) => each.number === number);
      return item && { ...item, content: item.text, facts: [{ name: "Fact", value: item.text }] };
    },
  };
}

function listOf(...sources: ArtifactSource[]): ArtifactList {
  return new ArtifactList({ sources, mask: maskSecrets });
}

function pagesOf(list: ArtifactList, query: { limit: number; q?: string }): string[][] {
  const pages: string[][] = [];
  let next: string | undefined;
  do {
    const cursor = next === undefined ? {} : { cursor: JSON.parse(next) as ArtifactPlace };
    const page = list.list("s", { ...query, ...cursor });
    pages.push(page.items.map(({ id }) => id));
    next = page.next;
  } while (next !== undefined);
  return pages;
}

Deno.test("sources are merged by time, newest first; of equal times the first source's come first", () => {
  const list = listOf(sourceOf("notice", [1, 5, 5]), sourceOf("event", [5, 2, 9]));
  assert.deepEqual(pagesOf(list, { limit: 10 }), [
    ["event-3", "notice-3", "notice-2", "event-1", "event-2", "notice-1"],
  ]);
});

for (const limit of [1, 2, 3, 7]) {
  Deno.test(`pages of ${limit} leave nothing out and repeat nothing where many times are equal`, () => {
    const times = Array.from({ length: 20 }, (_, index) => Math.floor(index / 7));
    const list = listOf(sourceOf("notice", times), sourceOf("event", times));
    const whole = pagesOf(list, { limit: 100 }).flat();
    assert.equal(new Set(whole).size, 40);
    assert.deepEqual(pagesOf(list, { limit }).flat(), whole);
  });
}

Deno.test("what comes in while pages are read changes no page behind it", () => {
  const list = listOf(sourceOf("event", [1, 2, 3, 4]));
  const first = list.list("s", { limit: 2 });
  const grown = listOf(sourceOf("event", [1, 2, 3, 4, 4, 5]));
  const second = grown.list("s", { limit: 2, cursor: JSON.parse(first.next ?? "") });
  assert.deepEqual(second.items.map(({ id }) => id), ["event-2", "event-1"]);
});

Deno.test("a source that has none of the kinds asked for is not asked", () => {
  const silent: ArtifactSource = {
    ...sourceOf("event", []),
    list: () => {
      throw new Error("asked");
    },
  };
  const list = listOf(sourceOf("notice", [1]), silent);
  assert.deepEqual(list.list("s", { limit: 5, kinds: ["notice"] }).items.map(({ id }) => id), ["notice-1"]);
});

Deno.test("a search finds by all words, whatever their case, and stops in time with a place to go on", () => {
  const many = Array.from({ length: 5000 }, (_, index) => index);
  const list = listOf(sourceOf("event", many, (number) => number === 7 ? "the Needle\nin hay" : "hay"));
  const pages = pagesOf(list, { limit: 10, q: "hay needle" });
  assert.deepEqual(pages.flat(), ["event-7"]);
  assert.ok(pages.length >= 2, "one answer looks at a part only");
});

Deno.test("secrets are masked before a text is cut, are not found, and show when asked for", () => {
  const key = `sk-ant-api03-${"aB3dE6gH9k".repeat(9)}`;
  const text = `${"x ".repeat(90)}export ANTHROPIC_API_KEY=${key}`;
  const list = listOf(sourceOf("event", [1], () => text));
  const [item] = list.list("s", { limit: 1 }).items;
  assert.ok(item && item.text.length <= 201);
  assert.ok(!item.text.includes("sk-ant-api03-aB"));
  assert.deepEqual(list.list("s", { limit: 1, q: "aB3dE6gH9k" }).items, []);
  const closed = list.get("s", "event-1", { show: false });
  assert.ok(!closed.content.includes(key) && !closed.facts.some(({ value }) => value.includes(key)));
  assert.equal(closed.secrets, 1);
  const open = list.get("s", "event-1", { show: true });
  assert.ok(open.content.includes(key));
  assert.ok(!open.text.includes(key), "the line stays as the list has it");
});

Deno.test("what is not there is not found", () => {
  const list = listOf(sourceOf("event", [1]));
  for (const id of ["event-2", "event-0", "nothing-1", "event", "event-", "", "event-1x", "__proto__-1"]) {
    assert.throws(() => list.get("s", id, { show: false }), { code: "not_found" });
  }
});
