// Bundles the page into dist/ui: what it starts with, parts that are loaded when they are needed, and the worker.

import { gzipSync } from "node:zlib";

/** What the page starts with must stay below this, gzipped. */
export const MAX_PAGE_BYTES = 400_000;

export interface BuiltFile {
  name: string;
  bytes: number;
  gzipBytes: number;
  /** Loaded with the page; the others when a view asks for them. */
  atStart: boolean;
}

const ROOT = new URL("../", import.meta.url);
const ENTRY_POINTS = ["ui/index.html", "ui/changes/diff_worker.ts"];
/** A reference to another file of the bundle, wherever the bundler put it. */
const REFERENCE = /"\.\.?\/(?:[^"\s]*\/)?([\w.-]+-[0-9A-Z]{8}\.js)"/g;

/** Builds into a directory, which is emptied first. Throws when the bundler fails or the page got too heavy. */
export async function buildUi(outDir: URL = new URL("dist/ui/", ROOT)): Promise<BuiltFile[]> {
  await emptyDirectory(outDir);
  await runBundler(outDir);
  await flatten(outDir);
  const index = new URL("index.html", outDir);
  const names = [...Deno.readDirSync(outDir)].map(({ name }) => name);
  await Deno.writeTextFile(index, fixIndex(await Deno.readTextFile(index), names));
  const files = await measureUi(outDir);
  const weight = startBytes(files);
  if (weight > MAX_PAGE_BYTES) {
    throw new RangeError(`The page weighs ${weight} bytes gzipped: over ${MAX_PAGE_BYTES}`);
  }
  return files;
}

/** What the page starts with, gzipped. */
export function startBytes(files: readonly BuiltFile[]): number {
  return files.reduce((sum, file) => file.atStart ? sum + file.gzipBytes : sum, 0);
}

/** What is loaded only when it is needed, gzipped. */
export function laterBytes(files: readonly BuiltFile[]): number {
  return files.reduce((sum, file) => file.atStart ? sum : sum + file.gzipBytes, 0);
}

/**
 * Addresses from the root, so that deep links load the same files; no attribute the policy has no use for; and where
 * the worker is.
 */
export function fixIndex(html: string, names: readonly string[] = []): string {
  const worker = names.find((name) => name.startsWith("diff_worker-"));
  return html.replaceAll(/(src|href)="\.\//g, '$1="/').replaceAll(" crossorigin", "")
    .replaceAll("__DIFF_WORKER__", worker === undefined ? "" : `/${worker}`);
}

/** The references of a script, to files that lie beside it. */
export function fixReferences(script: string): string {
  return script.replaceAll(REFERENCE, '"./$1"');
}

/** The bundler mirrors where sources lie, outside of the project too: all files of the page lie side by side instead. */
async function flatten(outDir: URL): Promise<void> {
  const found = await filesBelow(outDir);
  for (const url of found) {
    const target = new URL(url.pathname.slice(url.pathname.lastIndexOf("/") + 1), outDir);
    if (url.href !== target.href) await Deno.rename(url, target);
    if (!target.pathname.endsWith(".js")) continue;
    await Deno.writeTextFile(target, fixReferences(await Deno.readTextFile(target)));
  }
  for (const { name, isDirectory } of [...Deno.readDirSync(outDir)]) {
    if (isDirectory) await Deno.remove(new URL(name, outDir), { recursive: true });
  }
}

async function filesBelow(directory: URL): Promise<URL[]> {
  const found: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) found.push(...await filesBelow(new URL(`${name}/`, directory)));
    else found.push(new URL(name, directory));
  }
  return found;
}

async function emptyDirectory(directory: URL): Promise<void> {
  try {
    await Deno.remove(directory, { recursive: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
  await Deno.mkdir(directory, { recursive: true });
}

async function runBundler(outDir: URL): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--minify",
      "--platform",
      "browser",
      "--code-splitting",
      "--outdir",
      outDir.pathname,
      ...ENTRY_POINTS,
    ],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
}

/** The files of a built page, heaviest first. */
export async function measureUi(directory: URL = new URL("dist/ui/", ROOT)): Promise<BuiltFile[]> {
  const files: BuiltFile[] = [];
  const start = await namesAtStart(directory);
  for await (const entry of Deno.readDir(directory)) {
    const content = await Deno.readFile(new URL(entry.name, directory));
    files.push({
      name: entry.name,
      bytes: content.length,
      gzipBytes: gzipSync(content, { level: 9 }).length,
      atStart: start.has(entry.name),
    });
  }
  return files.sort((a, b) => b.gzipBytes - a.gzipBytes);
}

/** The page, what it refers to, and what that imports before it runs. */
async function namesAtStart(directory: URL): Promise<Set<string>> {
  const html = await Deno.readTextFile(new URL("index.html", directory));
  const names = new Set(["index.html"]);
  const waiting = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name = ""]) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    if (!name.endsWith(".js")) continue;
    const script = await Deno.readTextFile(new URL(name, directory));
    waiting.push(...[...script.matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)].map(([, next = ""]) => next));
  }
  return names;
}

/** Builds, then again after each change of the page's sources. A broken state is told, not fatal. */
async function watchUi(): Promise<void> {
  const changes = Deno.watchFs([new URL("ui/", ROOT).pathname, new URL("server/protocol.ts", ROOT).pathname]);
  for (;;) {
    await buildUi().then(report, (thrown) => print(String(thrown)));
    await settle(changes);
  }
}

/** Waits for a change, and then until nothing changes for a moment: editors write in several steps. */
async function settle(changes: Deno.FsWatcher): Promise<void> {
  await changes[Symbol.asyncIterator]().next();
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function report(files: readonly BuiltFile[]): Promise<void> {
  const later = files.filter(({ atStart }) => !atStart);
  const lines = files.filter(({ atStart, gzipBytes }) => atStart || gzipBytes > 10_000)
    .map(({ name, gzipBytes, atStart }) =>
      `  ${name}  ${gzipBytes} B gzipped${atStart ? "" : ", when needed"}`
    );
  await print(
    `${lines.join("\n")}\npage weight: ${startBytes(files)} B gzipped at start; ` +
      `${later.length} files of ${laterBytes(files)} B when needed`,
  );
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  if (Deno.args.includes("--watch")) await watchUi();
  else await report(await buildUi());
}
