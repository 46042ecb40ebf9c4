// Kills a process in the middle of maintenance, again and again: what is in the file is always whole.
import assert from "node:assert/strict";
import { RecordingStore } from "../store/recordings.ts";
import { Recorder } from "./recorder.ts";

const BLOCKS = 3000;
const KILLS = 9;

/** Says when it begins and when a step is done; after a stated step it waits to be killed. */
const VICTIM = `
import { RecordingStore } from ${JSON.stringify(new URL("../store/recordings.ts", import.meta.url).href)};
import { maintain } from ${JSON.stringify(new URL("./maintenance.ts", import.meta.url).href)};
const store = new RecordingStore(Deno.args[0]);
console.log("begins");
let steps = 0;
for (const _step of maintain({ store, now: Date.now, capBytes: 1e12 })) {
  console.log("step");
  if (++steps === Number(Deno.args[1])) await new Promise((resolve) => setTimeout(resolve, 60000));
}
setTimeout(() => {}, 60000);
`;

function line(n: number): string {
  return `\x1b[${1 + n % 40};1H${n} what line ${n} of the agent says ${(n * 7919) % 10007}\x1b[K\r\n`;
}

function fill(path: string): string {
  const store = new RecordingStore(path);
  let nowMs = 1000;
  const recorder = new Recorder({ store, now: () => nowMs, onError: () => {} });
  const recording = recorder.start({ session: "a", cols: 80, rows: 24 });
  let text = "";
  for (let n = 0; n < BLOCKS; n++) {
    const piece = Array.from({ length: 30 }, (_, k) => line(n * 30 + k)).join("");
    text += piece;
    recording.append(new TextEncoder().encode(piece));
    recorder.flush();
    nowMs += 100;
  }
  recording.finish({ endedAtMs: nowMs, code: 0 });
  recorder.close();
  store.close();
  return text;
}

/** Kills it this long after it has written so many lines; it waits after `stop` steps. */
async function killAfter(
  script: string,
  path: string,
  moment: { lines: number; delayMs: number; stop: number },
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, path, String(moment.stop)],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let lines = 0; lines < moment.lines;) {
    lines += ((await reader.read()).value ?? "").split("\n").length - 1;
  }
  await new Promise((resolve) => setTimeout(resolve, moment.delayMs));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

function readAll(path: string): { text: string; points: number; blocks: number } {
  const store = new RecordingStore(path);
  const recorder = new Recorder({ store, now: () => 0, onError: () => {} });
  const recording = recorder.open("a")?.recording;
  assert.ok(recording);
  const text = new TextDecoder().decode(recording.read(0, recording.end));
  const listed = store.blocks.list(recording.id);
  recorder.close();
  store.close();
  return { text, points: listed.reduce((sum, { parts }) => sum + parts, 0), blocks: listed.length };
}

Deno.test("killed at any moment, maintenance leaves the old blocks or the merged one, never both or neither", async () => {
  const directory = await Deno.makeTempDir();
  const script = `${directory}/victim.ts`;
  await Deno.writeTextFile(script, VICTIM);
  const path = `${directory}/recordings.sqlite`;
  const text = fill(path);
  let seen = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const copy = `${directory}/${kill}.sqlite`;
    await Deno.copyFile(path, copy);
    // Somewhere in the first merge, after it, and somewhere in the later ones.
    const moment = [{ lines: 1, stop: 1 }, { lines: 2, stop: 1 }, { lines: 2, stop: 3 }][kill % 3];
    if (moment) await killAfter(script, copy, { ...moment, delayMs: kill * 3 });
    const now = readAll(copy);
    assert.ok(now.text === text, "every byte is there, once");
    assert.equal(now.points, BLOCKS);
    if (now.blocks < BLOCKS && now.blocks > 3) seen++;
  }
  assert.ok(seen > 0, "at least one was killed half way");
  await Deno.remove(directory, { recursive: true });
});
