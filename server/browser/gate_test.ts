// The gate in the browser: holds and raises, calls under way, prices on the spot, modes of a launch, pauses.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { LaunchRequest, Notice, Page, SessionEvent, SessionView } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import { ASKING_CLAUDE, writeScripts } from "../testing/fake_agents.ts";
import { FakeProvider } from "../testing/fake_provider/fake_provider.ts";
import type { RunningProgram } from "../testing/running_program.ts";
import { browserTest, type Scene, signIn, type Tab, until } from "./harness.ts";

const MODEL = "claude-opus-5-5";

interface Bench {
  scene: Scene;
  program: RunningProgram;
  api: ApiClient;
  provider: FakeProvider;
  /** Launches the stand-in for `claude` and shows its terminal. */
  open(request?: Partial<LaunchRequest>): Promise<{ tab: Tab; session: SessionView }>;
}

function gateTest(name: string, work: (bench: Bench) => Promise<void>): void {
  browserTest(name, async (scene) => {
    const provider = FakeProvider.start();
    try {
      await writeScripts(join(scene.workDirectory, "bin"), { claude: ASKING_CLAUDE });
      const program = await scene.start({
        env: {
          PATH: `${join(scene.workDirectory, "bin")}:${Deno.env.get("PATH")}`,
          HOME: scene.workDirectory,
          ANTHROPIC_API_KEY: "sk-fake",
          ANTHROPIC_BASE_URL: provider.url,
          LITELLM_BASE_URL: `${provider.url}/v1`,
        },
      });
      const api = await signIn(program);
      const open: Bench["open"] = async (request = {}) => {
        const cwd = scene.workDirectory;
        const session = await api.launch({ cwd, command: "claude", budget: { usd: 5 }, ...request });
        const tab = await scene.open(program, { path: `/s/${session.id}` });
        await tab.untilText("ready");
        return { tab, session };
      };
      await work({ scene, program, api, provider, open });
    } finally {
      await provider.close();
    }
  });
}

async function ask(tab: Tab, prompt: string, model = MODEL): Promise<void> {
  await tab.type(`${model} ${prompt}`);
  await tab.page.keyboard.press("Enter");
}

/** The size of the terminal once it is the pane's, not the one it was launched with. */
async function ownSize(tab: Tab): Promise<unknown> {
  const isOwn = async (): Promise<boolean> => ![undefined, 120].includes((await tab.terminalSize())?.cols);
  await until(isOwn, () => "the terminal to have the pane's size");
  return await tab.terminalSize();
}

async function untilStatus(tab: Tab, status: string): Promise<void> {
  await tab.get("session-status").and(tab.page.locator(`[data-status="${status}"]`)).waitFor();
}

gateTest(
  "a held session says why, is told of once, and its call goes on after one click",
  async ({ api, open, provider }) => {
    const { tab } = await open({ budget: { usd: 0.001 }, atLimit: "hold" });
    await tab.get("money-left").getByText("left of $0.001").waitFor();
    const size = await ownSize(tab);
    await ask(tab, "[[output:50]]");
    await tab.get("hold-card").waitFor();
    await untilStatus(tab, "held");
    assert.deepEqual(await tab.terminalSize(), size, "the terminal keeps its size");
    await tab.get("hold-reason").getByText("of the budget for this conversation").waitFor();
    await tab.get("notices-badge").getByText("1").waitFor();
    assert.equal(await tab.get("toasts").getByText(/^Held: /).count(), 0, "the card says it");
    assert.equal(provider.log.calls.length, 0, "nothing was sent yet");

    await tab.get("hold-hide").click();
    await tab.get("hold-show").click();
    await tab.get("hold-raise-0").click();
    await tab.get("hold-card").waitFor({ state: "detached" });
    await tab.untilText("answered with 200");
    await untilStatus(tab, "running");
    await tab.get("money-left").getByText("left of $1.01").waitFor();
    const notices = await api.call<Page<Notice>>("/api/notices");
    assert.deepEqual(
      notices.items.map(({ kind }) => kind).filter((kind) => kind === "budget_hold").length,
      1,
    );

    await tab.get("tab-ledger").click();
    await tab.get("ledger-view-gate").click();
    const call = tab.get("gate-call").and(tab.page.locator("[data-outcome=settled]"));
    await call.getByText("held", { exact: true }).first().waitFor();
    await call.locator("summary").click();
    await call.getByText("Waits at the limit for you").waitFor();
  },
);

gateTest(
  "an answer is seen while it comes, without moving the terminal; the gate's list follows by itself",
  async ({ open }) => {
    const { tab } = await open();
    const size = await ownSize(tab);
    await ask(tab, "[[output:3000]] [[slow:6s]]");
    const line = tab.get("in-flight");
    await line.getByText(/answering/).waitFor();
    await line.getByText(/~[\d,]+ tokens/).waitFor();
    await line.getByText(/reserved/).waitFor();
    await tab.get("row-calls").getByText(/answering/).waitFor();
    assert.deepEqual(await tab.terminalSize(), size);
    await line.click();
    await tab.get("under-way").waitFor();
    await tab.get("gate-call").and(tab.page.locator("[data-outcome=settled]")).waitFor();
    await tab.get("under-way").waitFor({ state: "detached" });
    await line.waitFor({ state: "detached" });
    await tab.page.reload();
    await tab.get("gate-call").and(tab.page.locator("[data-outcome=settled]")).waitFor();
  },
);

gateTest("a model without a price is held until its price is stated where it is missed", async ({ open }) => {
  const { tab } = await open({ atLimit: "hold" });
  await ask(tab, "[[output:20]]", "nobody-knows-9");
  await tab.get("hold-reason").getByText("nobody-knows-9").waitFor();
  await tab.get("hold-price-input").fill("1");
  await tab.get("hold-price-output").fill("5");
  await tab.get("hold-price-save").click();
  await tab.untilText("answered with 200");
  await tab.get("hold-card").waitFor({ state: "detached" });
});

gateTest(
  "a launch is gated by its budget or by choice, and what a limit means is changed while it runs",
  async ({ scene, program, api, provider }) => {
    const tab = await scene.open(program, { path: "/new" });
    await tab.get("launch-cwd").fill(scene.workDirectory);
    await tab.get("launch-command").fill("claude");
    const mode = (name: string) => tab.get("launch-mode").and(tab.page.locator(`[data-mode=${name}]`));
    await mode("observe").waitFor();
    await tab.get("launch-usd").fill("3");
    await mode("gate").waitFor();
    await tab.get("launch-mode-observe").click();
    await mode("observe").waitFor();
    await tab.get("launch-mode-gate").click();
    await tab.get("at-limit-hold").click();
    await tab.get("launch-upstream-other").click();
    await tab.get("launch-upstream-address").fill("localhost");
    await tab.page.getByText("Give the proxy's address").waitFor();
    await tab.get("launch-upstream-litellm").click();
    await tab.get("launch-submit").click();
    await tab.page.waitForURL(/\/s\//);
    await tab.untilText("ready");
    const id = new URL(tab.page.url()).pathname.split("/")[2];
    const view = (): Promise<SessionView> => api.call(`/api/sessions/${id}`);
    const launched = await view();
    assert.deepEqual([launched.metering, launched.atLimit], ["gate", "hold"]);
    await tab.get("metering").click();
    await tab.get("metering-upstream").getByText(`${provider.url}/v1`).waitFor();
    await tab.get("metering-details").getByTestId("at-limit-stop").click();
    await until(async () => (await view()).atLimit === "stop", () => "the change");
    await tab.page.keyboard.press("Escape");
    await tab.get("tab-details").click();
    await tab.page.getByText("Stop it", { exact: true }).waitFor();
  },
);

browserTest(
  "a session without a gate is paused and continued, and stopped while it is paused",
  async (scene) => {
    const program = await scene.start();
    const api = await signIn(program);
    const command = "sh -c 'n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.1; done'";
    const { id } = await api.launch({ cwd: scene.workDirectory, command });
    const tab = await scene.open(program, { path: `/s/${id}` });
    await tab.untilText("tick 5");
    await tab.get("session-menu").click();
    await tab.get("menu-pause").click();
    await untilStatus(tab, "paused");
    const paused = await tab.untilText("Paused: you asked for it");
    const last = Number(/tick (\d+)\s[^]*Paused/.exec(paused)?.[1] ?? 0);
    await tab.get("continue").click();
    await untilStatus(tab, "running");
    await tab.untilText(/Continued\s+tick/);
    assert.ok(last > 0);

    await tab.page.keyboard.press("Control+Shift+L");
    await tab.page.keyboard.press("p");
    await untilStatus(tab, "paused");
    await tab.get("stop").click();
    await tab.get("stop-confirm").click();
    await untilStatus(tab, "stopped");
    const { items } = await api.call<Page<SessionEvent>>(`/api/sessions/${id}/events`);
    const markers = items.map(({ kind }) => kind).filter((kind) => /^user_(pause|continue)$/.test(kind));
    assert.deepEqual(markers, ["user_pause", "user_continue", "user_pause"]);
  },
);
