// Every view of the page, one after the other: for looking at them, by a program or a person.
import type { SessionView } from "../protocol.ts";
import type { ApiClient } from "../testing/api_client.ts";
import type { RunningProgram } from "../testing/running_program.ts";
import { Tab, until } from "./harness.ts";

export interface Sessions {
  running: SessionView;
  ended: SessionView;
}

/** Sessions of both kinds, so that no view is empty. */
export async function launchSome(api: ApiClient, cwd: string): Promise<Sessions> {
  const running = await api.launch({
    cwd,
    title: "Watch the colours",
    command:
      `for i in 1 2 3 4 5 6; do printf '\\033[3%dmcolour %d\\033[0m \\033[1;4%dm block \\033[0m\\n' $i $i $i; done; cat`,
  });
  const failed = await api.launch({ cwd, command: "sh -c 'echo it went wrong >&2; exit 3'" });
  const ended = await api.launch({ cwd, command: "echo done" });
  await Promise.all([failed, ended].map(({ id }) => api.waitForEnd(id)));
  return { running, ended };
}

/** What a walk through the views needs. */
export interface Tour {
  program: RunningProgram;
  sessions: Sessions;
  cwd: string;
}

/** A view's name, and how to get there from the one before. */
type Step = [name: string, go: () => Promise<unknown>];

/** Goes from view to view of a signed-in tab; the last ones are without connection. */
export async function visitViews(
  tab: Tab,
  tour: Tour,
  look: (name: string) => Promise<void>,
): Promise<void> {
  const goTo = async (path: string): Promise<void> => void await tab.page.goto(tour.program.address + path);
  const steps = [fleetSteps, terminalSteps, otherSteps].flatMap((stepsOf) => stepsOf(tab, { ...tour, goTo }));
  for (const [name, go] of steps) {
    await go();
    await look(name);
  }
  await goTo(`/s/${tour.sessions.running.id}`);
  await tab.untilText("colour 6");
  await tour.program.kill();
  await tab.get("offline-banner").waitFor();
  await look("offline");
}

type Way = Tour & { goTo: (path: string) => Promise<void> };

function fleetSteps(tab: Tab, { cwd, goTo }: Way): Step[] {
  const { page } = tab;
  return [
    ["fleet", async () => {
      await goTo("/");
      await tab.get("fleet-card").first().waitFor();
    }],
    ["filters", () => page.getByTestId("open-filters").click({ force: true }).catch(() => undefined)],
    ["stop-all", () => page.keyboard.press("Control+Shift+X")],
    ["new", async () => {
      await goTo("/new");
      await tab.get("recent-launches").waitFor();
      await tab.get("launch-cwd").fill(`${cwd}/`);
      await page.getByRole("option").first().waitFor();
    }],
    ["new-problems", async () => {
      await tab.get("launch-cwd").fill("/no/such/place");
      await tab.get("launch-command").fill("surely-not-installed");
      await tab.get("launch-command-note").getByText("Cannot find").waitFor();
      await tab.get("launch-cwd-note").getByText("does not exist").waitFor();
    }],
  ];
}

function terminalSteps(tab: Tab, { sessions: { running, ended }, goTo }: Way): Step[] {
  const { page } = tab;
  return [
    ["session-live", async () => {
      await goTo(`/s/${running.id}`);
      await tab.untilText("colour 6");
    }],
    ["session-search", async () => {
      await page.keyboard.press("Control+Shift+F");
      await tab.get("terminal-search").fill("colour");
    }],
    ["session-composer", async () => {
      await tab.get("terminal-search").press("Escape");
      await page.keyboard.press("Control+Shift+E");
      await tab.get("composer").waitFor();
    }],
    ["session-stop-question", async () => {
      await page.keyboard.press("Escape");
      await tab.get("stop").click();
    }],
    ["session-menu", () => tab.get("session-menu").click()],
    ["session-replay", async () => {
      await goTo(`/s/${ended.id}`);
      await tab.untilText("done");
    }],
  ];
}

function otherSteps(tab: Tab, { sessions: { running }, goTo }: Way): Step[] {
  const { page } = tab;
  const tabStep = (name: string): Step => [`session-${name}`, async () => {
    await goTo(`/s/${running.id}/${name}`);
    await page.getByRole("tabpanel").locator("h2, table, [role=status]").first().waitFor();
  }];
  return [
    ...["ledger", "artifacts", "details"].map(tabStep),
    ["session-missing", async () => {
      await goTo("/s/0198c0de-0000-7000-8000-000000000000");
      await tab.get("session-missing").waitFor();
    }],
    ["settings", async () => {
      await goTo("/settings");
      await page.getByRole("heading", { level: 2 }).nth(3).waitFor();
    }],
    ["palette", async () => {
      await page.keyboard.press("Control+K");
      await tab.get("palette-input").fill("se");
    }],
    ["help", async () => {
      await page.keyboard.press("Escape");
      await tab.get("palette").waitFor({ state: "detached" });
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    }],
  ];
}

/** Shows a view in a colour scheme, and waits until it has taken it and nothing moves or fades any more. */
export async function showIn(tab: Tab, colorScheme: "dark" | "light"): Promise<void> {
  await tab.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await until(
    async () => await tab.page.evaluate("document.documentElement.dataset.theme") === colorScheme,
    () => `the ${colorScheme} theme`,
  );
  await tab.page.evaluate(
    "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
  );
  await until(
    async () => await tab.page.evaluate(`${MOVING}.length`) === 0,
    () => "the end of all animations",
  );
}

const MOVING = "document.getAnimations().filter(({ playState, effect }) => " +
  "playState === 'running' && effect.getTiming().iterations !== Infinity)";
