// A Chromium for tests: the machine's own, else the one inside an npm package, else a plain reason why there is none.
import { type Browser, chromium, type Page } from "playwright-core";
import type { RunningProgram } from "./running_program.ts";

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

/** What went wrong in a page, besides what its tests look at. */
export interface PageTroubles {
  consoleErrors: string[];
  cspViolations: string[];
}

/** A page that is signed in to the program, in a context of its own. */
export async function openPage(
  browser: Browser,
  program: RunningProgram,
  options: { path?: string; colorScheme?: "dark" | "light"; width?: number; height?: number } = {},
): Promise<{ page: Page; troubles: PageTroubles }> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? "dark",
  });
  const page = await context.newPage();
  const troubles: PageTroubles = { consoleErrors: [], cspViolations: [] };
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) troubles.cspViolations.push(message.text());
    else if (message.type() === "error") troubles.consoleErrors.push(message.text());
  });
  page.on("pageerror", (error) => troubles.consoleErrors.push(error.message));
  await page.goto(await program.freshUrl());
  await page.waitForURL(program.address + "/");
  if (options.path) await page.goto(program.address + options.path);
  return { page, troubles };
}
