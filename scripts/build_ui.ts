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

if (import.meta.main) {
  const files = await buildUi();
  const total = files.reduce((sum, file) => sum + file.gzipBytes, 0);
  const lines = files.map((file) => `  ${file.name}  ${file.gzipBytes} B gzipped`);
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\npage weight: ${total} B gzipped\n`));
}
