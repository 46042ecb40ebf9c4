// What pages show when the server goes away: agents go on, pages come back by themselves, nothing is missing or twice.
import assert from "node:assert/strict";
import { concatenate } from "../concatenate.ts";
import { readRecording } from "../holder/screen/testing/recordings.ts";
import { Emitter, expectedText, sha256, untilRecorded } from "./emitter.ts";
import { listHolderPids } from "../testing/running_program.ts";
import { browserTest, signIn, type Tab, until } from "./harness.ts";

browserTest(
  "an agent's screen is there at once in every tab, also after the server was killed and started again",
  async (scene) => {
    const port = freePort();
    const program = await scene.start({ args: ["--port", port] });
    const api = await signIn(program);
    const agent = new Emitter(scene.workDirectory);
    const session = await agent.launch(api, { cols: 120, rows: 40 });
    const chunks = readRecording("claude-permission-question-interrupt-osc7501");
    const [before, after] = [concatenate(chunks.slice(0, 20)), concatenate(chunks.slice(20))];

    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await tab.get("live-terminal").waitFor();
    await agent.emit(before);
    const second = await tab.openSecond(`/s/${session.id}`);
    for (const each of [tab, second]) await untilSame(await each.show(), () => expectedText(api, session.id));

    await program.kill();
    for (const each of [tab, second]) await each.get("offline-banner").waitFor();
    await agent.emit(after.subarray(0, after.length >> 1));
    const again = await scene.start({ args: ["--port", port] });
    await agent.emit(after.subarray(after.length >> 1));
    const apiAgain = await signIn(again);
    await untilRecorded(apiAgain, session, agent);
    const third = await tab.openSecond(`/s/${session.id}`);
    for (const each of [tab, second, third]) {
      await untilSame(await each.show(), () => expectedText(apiAgain, session.id));
      assert.equal(await each.get("offline-banner").count(), 0);
    }
    assert.equal(sha256(await apiAgain.recording(session.id)), sha256(agent.emitted()));
  },
);

browserTest(
  "lines that were written while the server was away are all there, once, live and replayed",
  async (scene) => {
    const port = freePort();
    const program = await scene.start({ args: ["--port", port] });
    const counter = new Emitter(scene.workDirectory);
    const session = await counter.launch(await signIn(program));
    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await tab.get("live-terminal").waitFor();
    await counter.emit(lines(1, 300));
    await tab.untilText("line 300");

    await program.kill();
    await tab.get("offline-banner").waitFor();
    await tab.get("not-connected").waitFor();
    await tab.type("lost");
    await counter.emit(lines(301, 900));
    const again = await scene.start({ args: ["--port", port] });
    await counter.emit(lines(901, 1000));
    await counter.end();
    const all = lines(1, 1000).replaceAll("\r\n", "\n").trimEnd();
    assert.equal(await tab.untilText("line 1000"), all);
    assert.deepEqual(tab.sent.filter((each) => typeof each !== "string"), [], "no key was half sent");
    await tab.get("session-status").and(tab.page.locator("[data-status=done]")).waitFor();

    const api = await signIn(again);
    assert.equal(sha256(await api.recording(session.id)), sha256(counter.emitted()));
    await tab.page.reload();
    await tab.get("replay-terminal").waitFor();
    await untilSame(tab, () => Promise.resolve(all));
    const row = tab.get("session-row").and(tab.page.locator(`[data-session-id="${session.id}"]`));
    await row.waitFor();
  },
);

browserTest(
  "a holder that stands still is said on the page, and when it goes on nothing is missing and a stop is done",
  async (scene) => {
    const program = await scene.start();
    const counter = new Emitter(scene.workDirectory);
    const api = await signIn(program);
    const session = await api.launch({ cwd: scene.workDirectory, command: counter.command });
    const tab = await scene.open(program, { path: `/s/${session.id}` });
    await counter.emit(lines(1, 10));
    await tab.untilText("line 10");
    for (const pid of listHolderPids(scene.dataDirectory)) Deno.kill(pid, "SIGSTOP");
    try {
      await tab.get("sessions-unreachable").waitFor({ timeout: 60_000 });
      await counter.emit(lines(11, 20));
      await api.call(`/api/sessions/${session.id}/stop`, { method: "POST", body: {} });
    } finally {
      for (const pid of listHolderPids(scene.dataDirectory)) Deno.kill(pid, "SIGCONT");
    }
    await tab.get("sessions-unreachable").waitFor({ state: "detached", timeout: 60_000 });
    assert.equal((await api.waitForEnd(session.id)).endReason, "user_stop");
    assert.match(new TextDecoder().decode(await api.recording(session.id)), /line 1\r\n.*line 20\r\n/s);
  },
);

function lines(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\r\n`).join("");
}

async function untilSame(tab: Tab, expected: () => Promise<string>): Promise<void> {
  let [shown, wanted] = ["", ""];
  await until(async () => {
    [shown, wanted] = [await tab.text(), await expected()];
    return shown === wanted && shown !== "";
  }, () => `one text; the page shows\n${shown}\n--- instead of\n${wanted}`);
}

/** A restart must come back at the same address, as it does by default. */
function freePort(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return String(port);
}
