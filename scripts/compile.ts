// Makes the executable: bundles program and worker, packs them with the page, and checks what was packed.
// deno-lint-ignore-file no-console -- a command line tool
import { join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..");
/** Everything that goes into the executable, laid out as `server/main.ts` expects it around itself. */
const STAGE = join(ROOT, "dist", "stage");
const OUTPUT = join(ROOT, "dist", "agents-fleet");
const ENTRY_POINTS = {
  "server/main.js": "server/main.ts",
  "server/screen_worker.js": "server/holder/screen/screen_worker.ts",
};
/** What must be inside, and what must not. */
const REQUIRED = [/main\.js/, /screen_worker\.js/, /dist\/ui/];
const FORBIDDEN = [/_test/, /testdata/, /fixtures/, /playwright/, /axe-core/, /chromium/, /node_modules/];
/** Program, worker and page together, without Deno's own base. */
const MAX_PAYLOAD_BYTES = 8_000_000;
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
  for (const [output, entry] of Object.entries(ENTRY_POINTS)) {
    await deno(["bundle", "--platform=deno", "--minify", "--output", join(STAGE, output), entry], {
      cwd: ROOT,
    });
  }
}

async function pack(output: string, env: Record<string, string>): Promise<string> {
  const includes = ["dist/ui", "server/screen_worker.js"].flatMap((path) => ["--include", path]);
  return await deno(
    [
      "compile",
      "--allow-all",
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

/** Sentences about a packing list that is not as it should be. */
export function findPackingFaults(listing: string, payloadBytes: number): string[] {
  return [
    ...REQUIRED.filter((name) => !name.test(listing)).map((name) => `missing: ${name.source}`),
    ...FORBIDDEN.filter((name) => name.test(listing)).map((name) => `should not be inside: ${name.source}`),
    ...(payloadBytes > MAX_PAYLOAD_BYTES
      ? [`payload of ${payloadBytes} bytes, at most ${MAX_PAYLOAD_BYTES}`]
      : []),
  ];
}

/** Packs against a base that cannot run, where Deno's own cannot be downloaded. */
async function check(): Promise<void> {
  const output = await Deno.makeTempFile();
  const listing = await pack(output, { DENORT_BIN: STAND_IN_BASE });
  const payloadBytes = Deno.statSync(output).size - Deno.statSync(STAND_IN_BASE).size;
  await Deno.remove(output);
  const faults = findPackingFaults(listing, payloadBytes);
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
