// Makes the executable: bundles program and worker, packs them with the page, and checks what was packed.
// deno-lint-ignore-file no-console -- a command line tool
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..");
/** Everything that goes into the executable, laid out as `server/main.ts` expects it around itself. */
const STAGE = join(ROOT, "dist", "stage");
const OUTPUT = join(ROOT, "dist", "agents-fleet");
const ENTRY_POINTS = {
  "server/main.js": "server/main.ts",
  // The name by which the screen pool, bundled into the program, looks for it beside itself.
  "server/screen_worker.ts": "server/holder/screen/screen_worker.ts",
  "server/compaction_worker.ts": "server/holder/compaction_worker.ts",
};
/** What must be inside, and what must not, by path or text. */
const REQUIRED = [
  "server/main.js",
  "server/screen_worker.ts",
  "server/compaction_worker.ts",
  "dist/ui/index.html",
];
const FORBIDDEN = /playwright-core|axe-core|@sparticuz|_test\.ts|testdata\//;
/** Program, worker and page together, without Deno's own base. */
const MAX_PAYLOAD_BYTES = 5_000_000;
/** Takes any program as the base of an executable that is only looked at. */
const STAND_IN_BASE = "/bin/true";

async function deno(args: string[], options: { cwd: string; env?: Record<string, string> }): Promise<string> {
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

/** Lays out the stage afresh. */
async function stage(): Promise<void> {
  await Deno.remove(STAGE, { recursive: true }).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  });
  await Deno.mkdir(join(STAGE, "dist", "ui"), { recursive: true });
  for (const { name } of Deno.readDirSync(join(ROOT, "dist", "ui"))) {
    await Deno.copyFile(join(ROOT, "dist", "ui", name), join(STAGE, "dist", "ui", name));
  }
  const config = await writeBundleConfig();
  for (const [output, entry] of Object.entries(ENTRY_POINTS)) {
    const options = ["--config", config, "--platform=deno", "--minify", "--output", join(STAGE, output)];
    await deno(["bundle", ...options, entry], { cwd: ROOT });
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

async function pack(output: string, env: Record<string, string>): Promise<string> {
  const includes = ["dist/ui", "server/screen_worker.ts", "server/compaction_worker.ts"].flatMap((
    path,
  ) => ["--include", path]);
  return await deno(
    [
      "compile",
      "--allow-all",
      "--unstable-no-legacy-abort",
      "--v8-flags=--expose-gc",
      "--no-check",
      "--no-config",
      ...includes,
      "--output",
      output,
      "server/main.js",
    ],
    { cwd: STAGE, env },
  );
}

/** Sentences about a stage that is not as it should be. */
async function findStageFaults(): Promise<string[]> {
  const missing = REQUIRED.filter((path) => !exists(join(STAGE, path))).map((path) => `missing: ${path}`);
  const program = await Deno.readTextFile(join(STAGE, "server/main.js"));
  const migrations = [...Deno.readDirSync(join(ROOT, "server/store/migrations"))].flatMap(({ name }) =>
    [...Deno.readDirSync(join(ROOT, "server/store/migrations", name))].map((file) => `${name}/${file.name}`)
  );
  const absent = [];
  for (const path of migrations) {
    const firstStatement = (await Deno.readTextFile(join(ROOT, "server/store/migrations", path))).match(
      /^[A-Z][^\n]+/m,
    )?.[0];
    if (!firstStatement || !program.includes(firstStatement)) absent.push(`missing: migration ${path}`);
  }
  const stray = FORBIDDEN.exec(program)?.[0];
  return [...missing, ...absent, ...(stray ? [`should not be inside: ${stray}`] : [])];
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
}

/** Packs against a base that cannot run, where Deno's own cannot be downloaded. */
async function check(): Promise<void> {
  const directory = await Deno.makeTempDir();
  const output = join(directory, "agents-fleet");
  const listing = await pack(output, { DENORT_BIN: STAND_IN_BASE });
  const payloadBytes = Deno.statSync(output).size - Deno.statSync(STAND_IN_BASE).size;
  await Deno.remove(directory, { recursive: true });
  const faults = await findStageFaults();
  if (payloadBytes > MAX_PAYLOAD_BYTES) faults.push(`payload over ${MAX_PAYLOAD_BYTES} bytes`);
  console.log(listing.trim());
  console.log(`payload ${(payloadBytes / 1e6).toFixed(2)} MB, ${faults.length} faults`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}

if (import.meta.main) {
  await stage();
  await check();
  if (!Deno.args.includes("--check")) {
    await pack(OUTPUT, {});
    console.log(`made ${OUTPUT}`);
  }
}
