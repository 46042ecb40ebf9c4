// Makes the executable: packs the bundled program with its workers and the page, and checks what was packed.
// deno-lint-ignore-file no-console -- a command line tool
import { join } from "node:path";
import { type Bundle, bundleProgram, deno, STAGE } from "./bundle.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const OUTPUT = join(ROOT, "dist", "agents-fleet");
const ENTRY = "server/main.js";
const PAGE = "dist/ui";
/** What must not be inside, by path or text. */
const FORBIDDEN = /playwright-core|axe-core|@sparticuz|_test\.ts|testdata\//;
/** Program, workers and page together, without Deno's own base. */
const MAX_PAYLOAD_BYTES = 5_000_000;
/** Takes any program as the base of an executable that is only looked at. */
const STAND_IN_BASE = "/bin/true";

/** Answers the packer's listing of what is inside. */
async function pack(
  { workers }: Bundle,
  { output, env = {} }: { output: string; env?: Record<string, string> },
): Promise<string> {
  const options = [
    "--allow-all",
    "--unstable-no-legacy-abort",
    "--v8-flags=--expose-gc",
    "--no-check",
    "--no-config",
  ];
  const includes = [PAGE, ...workers].flatMap((path) => ["--include", path]);
  return await deno(["compile", ...options, ...includes, "--output", output, ENTRY], { cwd: STAGE, env });
}

/** Sentences about a bundle, or what was packed of it, that is not as it should be. */
async function findFaults({ files }: Bundle, packed: string): Promise<string[]> {
  const unpacked = [...files, `${PAGE}/index.html`].filter((path) =>
    !packed.includes(readBytes(join(STAGE, path)))
  );
  const program = (await Promise.all(files.map((path) => Deno.readTextFile(join(STAGE, path))))).join("\n");
  const absent = [];
  for (const path of listMigrations()) {
    const firstStatement = /^[A-Z][^\n]+/m.exec(await Deno.readTextFile(path))?.[0];
    if (!firstStatement || !program.includes(firstStatement)) absent.push(path);
  }
  const stray = FORBIDDEN.exec(program)?.[0];
  return [
    ...[...unpacked, ...absent].map((path) => `missing: ${path}`),
    ...(stray ? [`should not be inside: ${stray}`] : []),
  ];
}

/** A character for each byte: files stand in the executable as they are. */
function readBytes(path: string): string {
  return new TextDecoder("latin1").decode(Deno.readFileSync(path));
}

function listMigrations(): string[] {
  const root = join(ROOT, "server/store/migrations");
  return [...Deno.readDirSync(root)].flatMap(({ name }) =>
    [...Deno.readDirSync(join(root, name))].map((file) => join(root, name, file.name))
  );
}

/** Packs against a base that cannot run, where Deno's own cannot be downloaded. */
async function check(bundle: Bundle): Promise<void> {
  const directory = await Deno.makeTempDir();
  const output = join(directory, "agents-fleet");
  const listing = await pack(bundle, { output, env: { DENORT_BIN: STAND_IN_BASE } });
  const payloadBytes = Deno.statSync(output).size - Deno.statSync(STAND_IN_BASE).size;
  const packed = readBytes(output);
  await Deno.remove(directory, { recursive: true });
  const faults = await findFaults(bundle, packed);
  if (payloadBytes > MAX_PAYLOAD_BYTES) faults.push(`payload over ${MAX_PAYLOAD_BYTES} bytes`);
  console.log(listing.trim());
  console.log(`payload ${(payloadBytes / 1e6).toFixed(2)} MB, ${faults.length} faults`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}

if (import.meta.main) {
  const bundle = await bundleProgram();
  await check(bundle);
  if (!Deno.args.includes("--check")) {
    await pack(bundle, { output: OUTPUT });
    console.log(`made ${OUTPUT}`);
  }
}
