// The recording in a browser: every byte comes back, any moment can be gone to, and nothing is ever typed by it.
import assert from "node:assert/strict";
import { readRecording } from "../holder/screen/testing/recordings.ts";
import { Emitter, expectedText, sha256, untilRecorded } from "./emitter.ts";
import { browserTest, signIn, type Tab, until } from "./harness.ts";

browserTest(
  "after a restart a replay shows the same as before: by drag, key, step and at speed",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const counter = new Emitter(scene.workDirectory);
    const session = await counter.launch(api);
    for (let number = 1; number <= 12; number++) await counter.emit(`number ${number}\r\n`);
    await counter.end();
    await api.waitForEnd(session.id);
    assert.equal(await program.stop(), 0);

    const again = await scene.start();
    const tab = await scene.open(again, { path: `/s/${session.id}` });
    const whole = Array.from({ length: 12 }, (_, index) => `number ${index + 1}`).join("\n");
    assert.equal(await tab.untilText("number 12"), whole);
    const apiAgain = await signIn(again);
    assert.equal(sha256(await apiAgain.recording(session.id)), sha256(counter.emitted()));

    await dragToStart(tab);
    await untilText(tab, "");
    await tab.page.keyboard.press(".");
    await tab.page.keyboard.press(".");
    await until(async () => (await tab.text()).startsWith("number 1"), () => "the first steps");
    assert.ok(whole.startsWith(await tab.text()));
    await tab.page.keyboard.press("End");
    await untilText(tab, whole);
    await tab.page.keyboard.press("Home");
    await untilText(tab, "");
    await tab.get("speed").selectOption("16");
    await tab.get("scrubber").focus();
    await tab.page.keyboard.press("Space");
    await untilText(tab, whole);
    await tab.get("play").and(tab.page.getByLabel("Play", { exact: true })).waitFor();
  },
);

browserTest(
  "a full-screen program that has ended is shown with its last screen; a replay types nothing",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const agent = new Emitter(scene.workDirectory);
    const session = await agent.launch(api, { cols: 120, rows: 40 });
    for (const chunk of readRecording("claude-permission-question-interrupt-osc7501").slice(0, 30)) {
      await agent.emit(chunk);
    }
    await untilRecorded(api, session, agent);
    const lastScreen = await expectedText(api, session.id);
    await agent.emit("\x1b[?1049l\x1b[?1000l\x1b[?25hBye\r\n");
    await agent.end();
    await api.waitForEnd(session.id);

    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await tab.get("last-screen").waitFor();
    await untilText(tab, lastScreen);
    await tab.get("show-end").click();
    await tab.untilText("Bye");
    await tab.page.keyboard.press("Home");
    await tab.get("replay-terminal").click();
    await tab.page.keyboard.type("1234");
    await tab.get("speed").selectOption("16");
    await tab.get("play").click();
    await tab.untilText("Bye");
    assert.deepEqual(tab.sent.filter((each) => typeof each !== "string"), []);
    assert.deepEqual(tab.sent.filter((each) => typeof each === "string" && !/"(auth|ping)"/.test(each)), []);
    assert.equal(sha256(await api.recording(session.id)), sha256(agent.emitted()));
  },
);

browserTest(
  "a running session can be looked back at without typing into it, and is live again at the end",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const counter = new Emitter(scene.workDirectory);
    const session = await counter.launch(api);
    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await tab.get("live-terminal").waitFor();
    await counter.emit("early\r\n");
    await counter.emit("late\r\n");
    await tab.untilText("late");
    await tab.get("scrubber").focus();
    await tab.page.keyboard.press("Home");
    await untilText(tab, "");
    const before = keysOf(tab).length;
    await tab.get("replay-terminal").click();
    await tab.page.keyboard.type("1234");
    await counter.emit("newest\r\n");
    assert.equal(await tab.text(), "");
    assert.equal(keysOf(tab).length, before);
    await tab.get("back-to-live").click();
    await untilText(tab, "early\nlate\nnewest");
  },
);

browserTest(
  "characters that are split at every byte come out right, live and from every byte of the recording",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const splitter = new Emitter(scene.workDirectory);
    const session = await splitter.launch(api);
    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await tab.get("live-terminal").waitFor();
    const watcher = await api.openTerminal(session.id);
    const text = "a😀—é👩‍🚀z";
    for (const [index, byte] of new TextEncoder().encode(text).entries()) {
      await splitter.emit(Uint8Array.of(byte));
      await watcher.until(() => watcher.offset === index + 1);
    }
    await untilText(tab, text);
    await watcher.close();
    await splitter.end();
    await api.waitForEnd(session.id);
    for (const offset of [2, 3, 4, 6, 7]) {
      await tab.page.goto(`${program.address}/s/${session.id}?at=${offset}`);
      await untilText(tab, await expectedText(api, session.id, offset));
      await tab.get("scrubber").focus();
      await tab.page.keyboard.press("End");
      await untilText(tab, text);
    }
  },
);

/** Drags the scrubber's thumb from its right end over the middle to the left end. */
async function dragToStart(tab: Tab): Promise<void> {
  const box = await tab.get("scrubber").boundingBox();
  assert.ok(box);
  const y = box.y + box.height / 2;
  await tab.page.mouse.move(box.x + box.width - 2, y);
  await tab.page.mouse.down();
  await tab.page.mouse.move(box.x + box.width / 2, y, { steps: 5 });
  await tab.page.mouse.move(box.x, y, { steps: 5 });
  await tab.page.mouse.up();
}

/** Binary frames with keys that a page sent. */
function keysOf(tab: Tab): (string | Uint8Array)[] {
  return tab.sent.filter((each) => typeof each !== "string");
}

async function untilText(tab: Tab, wanted: string): Promise<void> {
  let shown: string | undefined;
  await until(
    async () => (shown = await tab.text()) === wanted,
    () => `\n${wanted}\n--- in the terminal, which shows\n${shown}`,
  );
}
