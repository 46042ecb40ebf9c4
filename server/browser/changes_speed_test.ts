// A 50 MB diff and files of 200,000 lines: the page goes on drawing, and keeps its memory bounded.
// deno-lint-ignore-file no-console -- the figures are the point
import assert from "node:assert/strict";
import type { ApiClient } from "../testing/api_client.ts";
import { browserTest, type Scene, signIn, type Tab, until } from "./harness.ts";
import { makeRepository } from "./repository.ts";

const LINES = 200_000;
const REWRITTEN_FILES = 26;
const REWRITTEN_LINES = 25_000;
/** Generous: the machine may be busy with other tests. */
const MAX_P95_GAP_MS = 500;
const MAX_GAP_MS = 5000;
const MAX_HEAP_BYTES = 250_000_000;

/** Milliseconds from picture to picture. */
interface Frames {
  p50: number;
  p95: number;
  max: number;
  count: number;
}

browserTest(
  "a 50 MB diff and files of 200,000 lines scroll while they load, in bounded memory",
  async (scene) => {
    const program = await scene.start();
    const path = await prepare(scene, await signIn(program));
    const tab = await scene.open(program, { width: 1280, height: 900 });
    const figures = {
      loading: await measure(tab, async () => {
        await tab.page.goto(new URL(path, tab.page.url()).href);
        await startFrames(tab);
        await tab.page.locator("[data-testid=diff-file][data-state=text]").first().waitFor({
          timeout: 120_000,
        });
        await tab.page.locator("code.diff-new:not(:empty)").first().waitFor();
      }, { isStarted: true }),
      scrolling: await measure(tab, () => scroll(tab, { steps: 150, byPx: 240 })),
      flying: await measure(tab, () => scroll(tab, { steps: 150, byPx: 1200 })),
      jumps: await measure(tab, () => jump(tab, 25)),
      newFile: await measure(tab, () => openNewFile(tab)),
    };
    const heap = await tab.page.evaluate<number>("performance.memory.usedJSHeapSize");
    console.log("frames in ms:", JSON.stringify(figures), `heap ${Math.round(heap / 1e6)} MB`);
    for (const [phase, { p95, max }] of Object.entries(figures)) {
      assert.ok(p95 < MAX_P95_GAP_MS, `${phase}: p95 of ${p95} ms`);
      assert.ok(max < MAX_GAP_MS, `${phase}: a gap of ${max} ms`);
    }
    assert.ok(heap < MAX_HEAP_BYTES, `${heap} bytes on the heap`);
  },
);

/** A session whose changes are that large; answers where they are. */
async function prepare(scene: Scene, api: ApiClient): Promise<string> {
  const repository = await makeRepository(`${scene.workDirectory}/repo`);
  const rewrite = async (seed: number): Promise<void> => {
    for (let file = 0; file < REWRITTEN_FILES; file++) {
      await repository.write(`rewritten/file_${file}.ts`, lines(REWRITTEN_LINES, { seed: seed + file }));
    }
  };
  await repository.write("large/lines.ts", lines(LINES, { seed: 0 }));
  await rewrite(0);
  await repository.git("add", "-A");
  await repository.git("commit", "-q", "-m", "Much");
  const { id } = await api.launch({ cwd: repository.root, command: "cat" });
  await until(async () => {
    const { items } = await api.call<{ items: unknown[] }>(`/api/sessions/${id}/snapshots`);
    return items.length === 1;
  }, () => "the baseline");
  await repository.write("large/lines.ts", lines(LINES, { seed: 0, every: 97 }));
  await repository.write("large/new.ts", lines(LINES, { seed: 7 }));
  await rewrite(1000);
  return `/s/${id}/changes`;
}

/** Source text in which every `every`th line differs from that of another seed. */
function lines(count: number, { seed, every = 0 }: { seed: number; every?: number }): string {
  const text: string[] = [];
  for (let line = 0; line < count; line++) {
    const value = every > 0 && line % every === 0 ? `changed_${line}` : `value_${seed}_${line}`;
    text.push(`const name_${line} = ${value}; // line`);
  }
  return text.join("\n") + "\n";
}

/** All of its lines are rows. */
async function openNewFile(tab: Tab): Promise<void> {
  await tab.page.locator('[data-testid=tree-file][data-path="large/new.ts"]').click();
  const file = tab.page.locator('[data-testid=diff-file][data-path="large/new.ts"]');
  await file.and(tab.page.locator("[data-state=text]")).waitFor();
  await scroll(tab, { steps: 100, byPx: 600 });
}

async function startFrames(tab: Tab): Promise<void> {
  await tab.page.evaluate(`(() => {
    globalThis.frameGaps = [];
    let last = performance.now();
    const next = (now) => { globalThis.frameGaps.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
  })()`);
}

async function measure(
  tab: Tab,
  work: () => Promise<void>,
  options: { isStarted?: boolean } = {},
): Promise<Frames> {
  if (!options.isStarted) await tab.page.evaluate("globalThis.frameGaps = []");
  await work();
  const gaps = await tab.page.evaluate<number[]>("globalThis.frameGaps.slice().sort((a, b) => a - b)");
  const at = (part: number): number =>
    Math.round(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), max: at(1), count: gaps.length };
}

/** As a wheel does: a step with each picture. */
async function scroll(tab: Tab, { steps, byPx }: { steps: number; byPx: number }): Promise<void> {
  await tab.page.evaluate(`new Promise((done) => {
    const page = document.querySelector('[data-testid=diff-scroll]');
    let left = ${steps};
    const step = () => { page.scrollTop += ${byPx}; left-- > 0 ? requestAnimationFrame(step) : done(); };
    step();
  })`);
}

/** As dragging the bar does: far away, again and again, until lines are there. */
async function jump(tab: Tab, count: number): Promise<void> {
  for (let at = 1; at <= count; at++) {
    await tab.page.evaluate(`(() => {
      const page = document.querySelector('[data-testid=diff-scroll]');
      page.scrollTop = page.scrollHeight * ${at} / ${count + 1};
    })()`);
    await tab.page.evaluate(
      "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
    );
  }
  await tab.page.locator("[data-testid=diff-file][data-state=text]").first().waitFor();
}
