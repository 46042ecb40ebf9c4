// Bundles the program as it is run and packed: `dist/stage`, with the page and the workers around it as the program expects them.
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..");
/** Everything that goes into the executable; it runs from here as well. */
export const STAGE = join(ROOT, "dist", "stage");
/** What `deno task start` runs. */
export const STAGED_MAIN = join(STAGE, "server", "main.js");
/** By the names by which the program looks for them beside itself. */
const WORKERS = {
  "screen_worker.ts": "server/holder/screen/screen_worker.ts",
  "compaction_worker.ts": "server/holder/compaction_worker.ts",
};
/** A holder that still runs loads what was bundled when it started; it is seldom older. */
const KEPT_MS = 14 * 24 * 3_600_000;
const HASH_CHARACTERS = 12;

export async function deno(
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    ...options,
    args,
    env: { NO_COLOR: "1", ...options.env },
  });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`deno ${args[0]} failed:\n${text}`);
  return text;
}

/** What was made, as paths in the stage. */
export interface Bundle {
  files: string[];
  workers: string[];
}

/** Bundles everything into the stage. What earlier bundles left there stays for running holders, for a while. */
export async function bundleProgram(stage = STAGE): Promise<Bundle> {
  const server = join(stage, "server");
  await Deno.mkdir(server, { recursive: true });
  await copyPage(join(stage, "dist", "ui"));
  const config = await writeBundleConfig();
  const options = ["bundle", "--config", config, "--platform=deno", "--minify"];
  const built = await Deno.makeTempDir();
  try {
    // In pieces, so that the holder loads nothing of the server's and prices and clients come when they are needed.
    await deno([...options, "--code-splitting", "--outdir", built, "server/main.ts"], { cwd: ROOT });
    const names = new Map<string, string>();
    for (const [name, entry] of Object.entries(WORKERS)) {
      const output = join(built, name);
      await deno([...options, "--output", output, entry], { cwd: ROOT });
      names.set(name, await renameByContent(output));
    }
    await pointToWorkers(built, names);
    const files = await install(built, server);
    await removeOutdated(server);
    return { files, workers: [...names.values()].map((name) => `server/${name}`) };
  } finally {
    await Deno.remove(built, { recursive: true });
  }
}

async function copyPage(page: string): Promise<void> {
  await Deno.remove(page, { recursive: true }).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  });
  await Deno.mkdir(page, { recursive: true });
  for (const { name } of Deno.readDirSync(join(ROOT, "dist", "ui"))) {
    await Deno.copyFile(join(ROOT, "dist", "ui", name), join(page, name));
  }
}

/**
 * The import map for bundling. The terminal packages name ES modules that are missing or export differently from what
 * runs unbundled; their CommonJS files are the same in both.
 */
async function writeBundleConfig(): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  for (const [name, specifier] of Object.entries<string>(imports)) {
    const addon = /^@xterm\/(addon-[\w-]+)$/.exec(name)?.[1];
    if (addon) imports[name] = `${specifier}/lib/${addon}.js`;
  }
  imports["@xterm/headless"] += "/lib-headless/xterm-headless.js";
  const path = join(ROOT, "dist", "bundle.json");
  await Deno.writeTextFile(path, JSON.stringify({ imports, nodeModulesDir: "none", lock: false }));
  return path;
}

/** `worker.ts` → `worker-HASH.js`; answers the name. */
async function renameByContent(path: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path)));
  const renamed = path.replace(/\.ts$/, `-${digest.toHex().slice(0, HASH_CHARACTERS)}.js`);
  await Deno.rename(path, renamed);
  return renamed.slice(renamed.lastIndexOf("/") + 1);
}

/** A holder that runs on must find the workers it was bundled with, not newer ones. */
async function pointToWorkers(directory: string, names: Map<string, string>): Promise<void> {
  const missing = new Set(names.keys());
  for (const { name } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    const before = await Deno.readTextFile(path);
    let text = before;
    for (const [source, worker] of names) {
      text = text.replaceAll(`"./${source}"`, `"./${worker}"`);
      if (text.includes(`"./${worker}"`)) missing.delete(source);
    }
    if (text !== before) await Deno.writeTextFile(path, text);
  }
  if (missing.size > 0) throw new Error(`The program starts no ${[...missing].join(", ")}`);
}

/** The entry last: until then a start finds the earlier program, whole. */
async function install(built: string, server: string): Promise<string[]> {
  const names = [...Deno.readDirSync(built)].map(({ name }) => name);
  for (const name of [...names.filter((name) => name !== "main.js"), "main.js"]) {
    const temporary = join(server, `${name}.new`);
    await Deno.copyFile(join(built, name), temporary);
    await Deno.rename(temporary, join(server, name));
  }
  return names.map((name) => `server/${name}`);
}

async function removeOutdated(server: string): Promise<void> {
  for (const { name } of Deno.readDirSync(server)) {
    const path = join(server, name);
    const { mtime } = Deno.statSync(path);
    if (mtime && mtime.getTime() < Date.now() - KEPT_MS) await Deno.remove(path);
  }
}

if (import.meta.main) await bundleProgram();
