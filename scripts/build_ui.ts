// Bundles the page into dist/ui: one script, one stylesheet, index.html with absolute addresses.

import { gzipSync } from "node:zlib";

/** The whole page must stay below this, gzipped. */
export const MAX_PAGE_BYTES = 400_000;

export interface BuiltFile {
  name: string;
  bytes: number;
  gzipBytes: number;
}

const ROOT = new URL("../", import.meta.url);

/** Builds into a directory, which is emptied first. Throws when the bundler fails or the page got too heavy. */
export async function buildUi(outDir: URL = new URL("dist/ui/", ROOT)): Promise<BuiltFile[]> {
  await emptyDirectory(outDir);
  await runBundler(outDir);
  const index = new URL("index.html", outDir);
  await Deno.writeTextFile(index, fixIndex(await Deno.readTextFile(index)));
  const files = await measure(outDir);
  const total = files.reduce((sum, file) => sum + file.gzipBytes, 0);
  if (total > MAX_PAGE_BYTES) {
    throw new RangeError(`The page weighs ${total} bytes gzipped: over ${MAX_PAGE_BYTES}`);
  }
  return files;
}

/** Addresses from the root, so that deep links load the same files; no attribute the policy has no use for. */
export function fixIndex(html: string): string {
  return html.replaceAll(/(src|href)="\.\//g, '$1="/').replaceAll(" crossorigin", "");
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
      "--outdir",
      outDir.pathname,
      "ui/index.html",
    ],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
}

async function measure(directory: URL): Promise<BuiltFile[]> {
  const files: BuiltFile[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const content = await Deno.readFile(new URL(entry.name, directory));
    files.push({
      name: entry.name,
      bytes: content.length,
      gzipBytes: gzipSync(content, { level: 9 }).length,
    });
  }
  return files.sort((a, b) => b.gzipBytes - a.gzipBytes);
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
  const total = files.reduce((sum, file) => sum + file.gzipBytes, 0);
  const lines = files.map((file) => `  ${file.name}  ${file.gzipBytes} B gzipped`);
  await print(`${lines.join("\n")}\npage weight: ${total} B gzipped`);
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) {
  if (Deno.args.includes("--watch")) await watchUi();
  else await report(await buildUi());
}
