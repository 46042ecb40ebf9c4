// A Chromium for tests: the machine's own, else the one inside an npm package, else a plain reason why there is none.
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** How long tests wait for what a page is to show: on a machine that does much else. */
export const PATIENCE_MS = 60_000;

const CANDIDATES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless browser, or says why that is impossible here. */
export async function launchBrowser(): Promise<{ browser: Browser } | { skipped: string }> {
  try {
    const packaged = await findExecutable();
    const sandbox = Deno.uid() === 0 ? ["--no-sandbox"] : [];
    const browser = await chromium.launch({
      ...packaged,
      headless: true,
      args: [...(packaged.args ?? []), ...QUIET, ...sandbox],
    });
    return { browser };
  } catch (cause) {
    return {
      skipped: `no browser can be started here (${
        cause instanceof Error ? cause.message.split("\n")[0] : cause
      })`,
    };
  }
}

async function findExecutable(): Promise<{ executablePath: string; args?: string[] }> {
  for (const executablePath of CANDIDATES) {
    if (await Deno.stat(executablePath).then((info) => info.isFile, () => false)) return { executablePath };
  }
  const { default: packaged } = await import("@sparticuz/chromium");
  return { executablePath: await packaged.executablePath(), args: packaged.args };
}

/** What went wrong in the pages of a context, besides what its tests look at. */
export interface PageTroubles {
  /** Messages of the console and uncaught exceptions; what the network layer reports is left out. */
  consoleErrors: string[];
  cspViolations: string[];
}

export interface ContextOptions {
  colorScheme?: "dark" | "light";
  width?: number;
  height?: number;
}

/** A browser profile of its own without credentials, whose pages are watched for troubles. */
export async function openContext(
  browser: Browser,
  options: ContextOptions = {},
): Promise<{ context: BrowserContext; troubles: PageTroubles }> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? "dark",
  });
  const troubles: PageTroubles = { consoleErrors: [], cspViolations: [] };
  context.on("page", (page) => watch(page, troubles));
  return { context, troubles };
}

function watch(page: Page, troubles: PageTroubles): void {
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("console", (message) => {
    const text = message.text();
    if (text.includes("Content Security Policy") || text.includes("Trusted")) {
      troubles.cspViolations.push(text);
    } else if (message.type() === "error" && !/net::ERR_|Failed to load resource/.test(text)) {
      troubles.consoleErrors.push(text);
    }
  });
  page.on("pageerror", (error) => troubles.consoleErrors.push(error.stack ?? error.message));
}
