// What the browser tests share: the program, a Chromium, signed-in tabs, and waiting for what a terminal shows.
// deno-lint-ignore-file no-console -- tells why tests were skipped and where pictures of failures are
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { LaunchRequest, SessionView } from "../protocol.ts";
import { ApiClient } from "../testing/api_client.ts";
import {
  type ContextOptions,
  launchBrowser,
  openContext,
  type PageTroubles,
  PATIENCE_MS,
} from "../testing/browser.ts";
import { endHolders, type RunningProgram, startProgram } from "../testing/running_program.ts";

const POLL_MS = 25;

/** One tab of the page. */
export class Tab {
  readonly page: Page;
  /** Binary frames and messages that the page sent over its socket. */
  readonly sent: (string | Uint8Array)[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        this.sent.push(payload);
      }));
  }

  /** An element by its test id; `:visible` where a pane may be hidden. */
  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  /** Everything in the terminal on screen. */
  text(): Promise<string> {
    return this.page.evaluate<string>("globalThis.fleetTestHook?.terminalText() ?? ''");
  }

  /** Waits until the terminal shows a text; answers all of it. */
  async untilText(wanted: string | RegExp): Promise<string> {
    let text = "";
    await until(
      async () => {
        text = await this.text();
        return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
      },
      () => `${wanted} in the terminal, which shows:\n${text.slice(-1500)}`,
    );
    return text;
  }

  /** The size of the terminal on screen, as the page tells it; undefined before it has one. */
  async terminalSize(): Promise<{ cols: number; rows: number } | undefined> {
    const note = this.page.locator(".grid-size").or(this.get("take-over"));
    const text = await note.count() === 0
      ? ""
      : await note.getAttribute("title") + " " + await note.textContent();
    const [, cols, rows] = /(\d+) ?× ?(\d+)/.exec(text) ?? [];
    return cols === undefined ? undefined : { cols: Number(cols), rows: Number(rows) };
  }

  /** Focuses the live terminal and types. */
  async type(text: string): Promise<void> {
    await this.get("live-terminal").locator("textarea").focus();
    await this.page.keyboard.type(text);
  }

  /** Brings a tab to the front: browsers draw those behind it once in a while only. */
  async show(): Promise<this> {
    await this.page.bringToFront();
    return this;
  }

  /** Another tab of the same profile, in front. */
  async openSecond(path: string): Promise<Tab> {
    const tab = new Tab(await this.page.context().newPage());
    await tab.page.goto(new URL(path, this.page.url()).href);
    return tab;
  }
}

/** Waits for a condition, looking often; rejects with what was waited for. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string,
): Promise<void> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  while (!await condition()) {
    if (Date.now() > giveUpAtMs) throw new Error(`Waited in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Signs in beside the page, for what a test looks up or sets up. */
export async function signIn(program: RunningProgram): Promise<ApiClient> {
  return await ApiClient.signIn(await program.freshUrl());
}

/** Launches without the form. */
export async function launch(program: RunningProgram, request: LaunchRequest): Promise<SessionView> {
  return await (await signIn(program)).launch(request);
}

/** Whether a command is installed. */
export async function has(command: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `command -v ${command}`],
    stdout: "null",
  }).output();
  return success;
}

const skipped = await whyNoBrowser();
if (skipped !== undefined) console.log(`SKIPPED: ${skipped}`);

async function whyNoBrowser(): Promise<string | undefined> {
  const found = await launchBrowser();
  if ("skipped" in found) return found.skipped;
  await found.browser.close();
  return undefined;
}

export interface BrowserTestOptions {
  /** Why the test cannot run here, e.g. a program it needs is missing. */
  skip?: string | undefined;
  /** Nothing is launched, so that there is no holder to end. */
  withoutSessions?: boolean;
  /** Complaints on the console are what the test is about. */
  expectTroubles?: boolean;
}

/** A test in a real browser; troubles in its pages fail it. Ignored where no browser can be started. */
export function browserTest(
  name: string,
  work: (scene: Scene) => Promise<void>,
  options: BrowserTestOptions = {},
): void {
  if (skipped === undefined && options.skip !== undefined) console.log(`SKIPPED "${name}": ${options.skip}`);
  Deno.test({
    name,
    ignore: skipped !== undefined || options.skip !== undefined,
    // A page's last answers may arrive while it closes: the browser's pipe is not the test's concern.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => runScene({ ...options, name }, work),
  });
}

async function runScene(
  test: BrowserTestOptions & { name: string },
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "agents-fleet-" }));
  const found = await launchBrowser();
  if ("skipped" in found) throw new Error(found.skipped);
  const { browser } = found;
  const directories = { dataDirectory: `${root}/data`, workDirectory: `${root}/work` };
  await Deno.mkdir(directories.workDirectory);
  const scene = new Scene(browser, directories);
  try {
    await work(scene);
    if (!test.expectTroubles) scene.assertNoTroubles();
  } catch (cause) {
    await scene.takePictures(test.name);
    throw cause;
  } finally {
    await browser.close();
    await scene.endPrograms();
    if (!test.withoutSessions && scene.hasStarted) await endHolders(directories.dataDirectory);
    await Deno.remove(root, { recursive: true });
  }
}

/** What one browser test works with; all of it ends with the test. */
export class Scene {
  readonly browser: Browser;
  readonly dataDirectory: string;
  readonly workDirectory: string;
  readonly #programs: RunningProgram[] = [];
  readonly #troubles: PageTroubles[] = [];
  readonly #usedUrls = new Set<string>();

  constructor(browser: Browser, directories: { dataDirectory: string; workDirectory: string }) {
    this.browser = browser;
    this.dataDirectory = directories.dataDirectory;
    this.workDirectory = directories.workDirectory;
  }

  /** Starts the program on the test's data directory. */
  async start(
    options: { args?: string[]; env?: Record<string, string> } = {},
  ): Promise<RunningProgram> {
    const program = await startProgram({ dataDirectory: this.dataDirectory, ...options });
    this.#programs.push(program);
    return program;
  }

  /** A tab in a browser profile of its own, signed in. */
  async open(
    program: RunningProgram,
    options: ContextOptions & { path?: string } = {},
  ): Promise<Tab> {
    const tab = new Tab(await (await this.openLocked(options)).newPage());
    await tab.page.goto(await this.#signInUrl(program));
    await tab.get("connection").and(tab.page.locator("[data-phase=online]")).waitFor();
    if (options.path !== undefined) await tab.page.goto(program.address + options.path);
    return tab;
  }

  /** A browser profile without credentials. */
  async openLocked(options: ContextOptions = {}): Promise<BrowserContext> {
    const { context, troubles } = await openContext(this.browser, options);
    this.#troubles.push(troubles);
    return context;
  }

  get hasStarted(): boolean {
    return this.#programs.length > 0;
  }

  assertNoTroubles(): void {
    for (const troubles of this.#troubles) {
      assert.deepEqual(troubles, { consoleErrors: [], cspViolations: [] });
    }
  }

  async takePictures(name: string): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "agents-fleet-failed-" });
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: `${folder}/${index}.png`, timeout: 5000 }).catch(() => undefined);
    }
    console.log(`Pictures of "${name}": ${folder}`);
  }

  async endPrograms(): Promise<void> {
    for (const program of this.#programs) await program.stop().catch(() => program.kill());
  }

  /** The printed address is good once. */
  async #signInUrl(program: RunningProgram): Promise<string> {
    if (this.#usedUrls.has(program.printedUrl)) return await program.freshUrl();
    this.#usedUrls.add(program.printedUrl);
    return program.printedUrl;
  }
}
