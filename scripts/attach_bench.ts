// Figures of attaching to a running session with much recorded: over the socket, in a browser, and of seeks in it.
// deno-lint-ignore-file no-console -- a command line tool
import type { Page } from "playwright-core";
import type { SessionView } from "../server/protocol.ts";
import { launchBrowser, openContext } from "../server/testing/browser.ts";
import { describeTimes, type Scene, wait, withProgram } from "./bench_scene.ts";

const MEGABYTES = 200;
const ROUNDS = 7;
const SEEKS = 10;
const PATIENCE_MS = 60_000;
const NEWEST = "the newest line";
/** More than a stored screen has: they come from the recording. */
const HISTORY_LINES = 5000;

export async function benchAttach(megabytes = MEGABYTES): Promise<void> {
  await withProgram(async (scene) => {
    const id = await record(scene, megabytes * 1_000_000);
    const { end } = await scene.api.call<{ end: number }>(`/api/sessions/${id}/timeline`);
    const recorded = `${Math.round(end / 1e6)} MB recorded`;
    const { toScreen, toPresent, bytes } = await attachOverSocket(scene, id, end);
    console.log(
      `attach over the socket, ${recorded}: ${describeTimes(toScreen)} to a screen, ${
        describeTimes(toPresent)
      } to the present, ${bytes} bytes sent`,
    );
    console.log(await describePage(scene, id, recorded));
    console.log(
      `seek anywhere (stored screen and output to it), ${recorded}: ${
        describeTimes(await seek(scene, id, end))
      }`,
    );
    await scene.api.call(`/api/sessions/${id}/stop`, { method: "POST" });
  });
}

/** Starts a session that prints much and then waits. Answers its id once all is recorded. */
async function record({ api, directory }: Scene, size: number): Promise<string> {
  const command = `yes '0123456789 abcdefghijklmnopqrstuvwxyz' | head -c ${size}; echo; echo ${NEWEST}; cat`;
  const { id } = await api.launch({ cwd: directory, command });
  while ((await api.call<SessionView>(`/api/sessions/${id}`)).recordedBytes <= size) await wait(500);
  await wait(2000);
  return id;
}

async function attachOverSocket(
  { api }: Scene,
  id: string,
  end: number,
): Promise<{ toScreen: number[]; toPresent: number[]; bytes: number }> {
  const [toScreen, toPresent]: [number[], number[]] = [[], []];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    const terminal = await api.openTerminal(id);
    await terminal.until(() => terminal.snapshot !== undefined);
    toScreen.push(performance.now() - startedAt);
    await terminal.until(() => terminal.offset >= end);
    toPresent.push(performance.now() - startedAt);
    bytes = terminal.receivedBytes;
    await terminal.close();
  }
  return { toScreen, toPresent, bytes };
}

async function seek({ api }: Scene, id: string, end: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < SEEKS; round++) {
    const offset = Math.floor(end * (round + 0.5) / SEEKS);
    const startedAt = performance.now();
    const { offset: from } = await api.call<{ offset: number }>(
      `/api/sessions/${id}/keyframe?offset=${offset}`,
    );
    const path = `/api/sessions/${id}/output?from=${from}&to=${offset}`;
    await (await fetch(api.origin + path, { headers: api.headers })).arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return times;
}

interface Opening {
  /** From the click: anything of the session on screen, its newest line, the lines above. */
  firstMs: number;
  presentMs: number;
  historyMs: number;
}

async function describePage({ program }: Scene, id: string, recorded: string): Promise<string> {
  const found = await launchBrowser();
  if ("skipped" in found) return `attach in a browser: skipped, ${found.skipped}`;
  const page = await (await openContext(found.browser)).context.newPage();
  const countBytes = countReceived(page);
  await page.goto(await program.freshUrl());
  const row = page.locator(`[data-session-id="${id}"] a`);
  await row.waitFor();
  const openings: Opening[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await wait(500);
    countBytes();
    const opened = page.evaluate<Opening>(`(${WATCH_OPENING})(${JSON.stringify(NEWEST)}, ${HISTORY_LINES})`);
    await row.click();
    openings.push(await opened);
    if (round < ROUNDS - 1) await page.goBack();
  }
  const bytes = countBytes();
  await found.browser.close();
  const times = (pick: (opening: Opening) => number): string => describeTimes(openings.map(pick));
  return `attach in a browser, ${recorded}, from the click: ${
    times((each) => each.firstMs)
  } to the first paint, ${times((each) => each.presentMs)} to the present screen, ${
    times((each) => each.historyMs)
  } to the lines above; ${bytes} bytes sent`;
}

/** Answers what was received since the last call. */
function countReceived(page: Page): () => number {
  let bytes = 0;
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => bytes += payload.length));
  page.on("response", (response) => {
    response.body().then((body) => bytes += body.length, () => undefined);
  });
  return () => {
    const received = bytes;
    bytes = 0;
    return received;
  };
}

/** Runs in the page. What is in the terminal when a frame begins is on screen when the next one does. */
const WATCH_OPENING = `(newest, historyLines) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("The session was not shown in time")), ${PATIENCE_MS});
  const watch = ({ timeStamp }) => {
    const times = {};
    const painted = (name) => {
      if (name in times) return;
      times[name] = undefined;
      requestAnimationFrame(() => times[name] = performance.now() - timeStamp);
    };
    const look = () => {
      const view = fleetTestHook.viewText();
      if (view !== "") painted("firstMs");
      if (view.includes(newest)) painted("presentMs");
      if (times.presentMs === undefined) return requestAnimationFrame(look);
      if (fleetTestHook.terminalText().split("\\n", historyLines).length === historyLines) {
        resolve({ ...times, historyMs: performance.now() - timeStamp });
      } else setTimeout(look, 20);
    };
    look();
  };
  addEventListener("click", watch, { once: true, capture: true });
})`;
