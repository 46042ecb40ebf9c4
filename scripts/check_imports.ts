// Holds the import rules of the house against the code: which room may use which, and no circles.
// deno-lint-ignore-file no-console -- a command line tool
import { dirname, join, normalize, relative } from "node:path";

/** One import as written. */
export interface Import {
  from: string;
  /** A path inside the repository, or a package. */
  to: string;
  typeOnly: boolean;
}

interface RoomRule {
  /** Rooms and files whose code may be used at run time. */
  uses: string[];
  /** Rooms of which only types may be used. */
  types?: string[];
  packages?: RegExp;
}

const NODE = /^node:/;
const NOTHING = /^$/;
const WIRE = [
  "server/clock.ts",
  "server/concatenate.ts",
  "server/errors.ts",
  "server/kill_group.ts",
  "server/protocol.ts",
];

/** By room; a file that is in no room is named itself. Same-room imports are always allowed. */
const RULES: Record<string, RoomRule> = {
  "server/protocol.ts": { uses: [], packages: NOTHING },
  "server/clock.ts": { uses: [], packages: NOTHING },
  "server/concatenate.ts": { uses: [], packages: NOTHING },
  "server/errors.ts": { uses: [], packages: NOTHING },
  "server/kill_group.ts": { uses: [] },
  "server/log.ts": { uses: [], packages: NOTHING },
  "server/config.ts": { uses: [] },
  "server/session_name.ts": { uses: [], types: ["server/store"], packages: NOTHING },
  "server/data_directory.ts": { uses: WIRE },
  "server/listen.ts": { uses: WIRE },
  "server/memory_return.ts": { uses: [] },
  "server/open_browser.ts": { uses: [] },
  "server/fetched_prices.ts": {
    uses: ["server/money"],
    types: ["server/config.ts", "server/log.ts", "server/store"],
  },
  "server/self_description.ts": {
    uses: ["server/config.ts", "server/sessions"],
    types: [
      "server/command_line.ts",
      "server/data_directory.ts",
      "server/protocol.ts",
      "server/store",
    ],
  },
  "server/command_line.ts": {
    uses: [
      ...WIRE,
      "server/config.ts",
      "server/data_directory.ts",
      "server/http/credentials.ts",
      "server/log.ts",
      "server/open_browser.ts",
      "server/store/backup.ts",
      "server/store/damaged_fleet.ts",
    ],
  },
  "server/pty": { uses: WIRE, types: ["server/log.ts"] },
  "server/usage": { uses: WIRE, packages: /^zod$/ },
  "server/pricing": { uses: [...WIRE, "server/usage"], packages: /^(zod|@pydantic\/genai-prices.*)$/ },
  "server/budget": { uses: WIRE, packages: /^zod$/ },
  "server/money": {
    uses: [
      ...WIRE,
      "server/budget",
      "server/pricing",
      "server/session_name.ts",
      "server/store/ledger_rows.ts",
      "server/usage",
    ],
    types: ["server/log.ts", "server/store"],
  },
  "server/gateway": {
    uses: [...WIRE, "server/usage", "server/pricing", "server/budget"],
    types: ["server/log.ts", "server/store", "server/money"],
    packages: /^(node:.*|zod)$/,
  },
  "server/holder": {
    uses: [...WIRE],
    types: ["server/log.ts", "server/store"],
    packages: /^(node:.*|@xterm\/.*|zod)$/,
  },
  "server/agents": { uses: WIRE },
  "server/sessions": {
    uses: [...WIRE, "server/session_name.ts"],
    types: ["server/log.ts", "server/store", "server/holder", "server/agents", "server/money"],
  },
  "server/sources": {
    uses: [...WIRE, "server/usage", "server/agents/resume_hint.ts"],
    types: ["server/log.ts", "server/store", "server/holder", "server/money", "server/sessions"],
    packages: /^(node:.*|zod)$/,
  },
  "server/artifacts/git": { uses: WIRE, types: ["server/log.ts"] },
  "server/artifacts/secrets": { uses: WIRE, packages: NOTHING },
  "server/artifacts": {
    uses: [
      ...WIRE,
      "server/artifacts/git",
      "server/artifacts/secrets",
      "server/sources/token_bucket.ts",
      "server/usage",
    ],
    types: ["server/log.ts", "server/store", "server/holder", "server/money", "server/sessions"],
    packages: /^(node:.*|zod|openai|@anthropic-ai\/sdk)$/,
  },
  "server/store": { uses: WIRE, types: ["server/usage"] },
  "server/http": {
    uses: [...WIRE, "server/store/sessions.ts", "server/artifacts/secrets"],
    types: [
      "server/log.ts",
      "server/store",
      "server/holder",
      "server/sessions",
      "server/money",
      "server/sources",
      "server/gateway",
      "server/artifacts",
    ],
    packages: /^(node:.*|hono.*|zod)$/,
  },
  "ui": {
    uses: ["server/protocol.ts"],
    packages: /^(preact.*|@preact\/.*|@xterm\/.*|lucide|diff|lowlight|highlight\.js.*)$/,
  },
};
/** Files that may know everything. */
const FREE =
  /^(server\/(main|server)\.ts|server\/(session|money)_rooms\.ts|server\/holder\/main\.ts|.*_worker\.ts|server\/testing\/.*|server\/browser\/.*|scripts\/.*|.*_test\.tsx?|.*_bench\.ts)$/;

/** What only one file may do, and the text that shows it. */
const PRIVILEGES: { text: RegExp; owner: RegExp; what: string }[] = [
  { text: /\bDeno\.(env|args)\b/, owner: /^server\/config\.ts$/, what: "reads the environment" },
  { text: /"node:sqlite"/, owner: /^server\/store\/database\.ts$/, what: "imports the database driver" },
  { text: /\b(inner|outer)HTML\b|insertAdjacentHTML/, owner: NOTHING, what: "writes HTML" },
  { text: /Deno\.umask/, owner: NOTHING, what: "changes the process umask" },
  { text: /from "hono\/cors"/, owner: NOTHING, what: "opens the server to other origins" },
];

/** Sentences about everything that breaks a rule; empty when all is well. */
export function findViolations(files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([path, text]) => parseImports(path, text));
  return [
    ...imports.map(violationOf).filter((sentence) => sentence !== undefined),
    ...[...files].flatMap(([path, text]) => privilegeViolations(path, text)),
    ...findCircles(imports),
  ];
}

/** Static imports and re-exports of a file. */
export function parseImports(path: string, text: string): Import[] {
  const pattern = /^\s*(?:import|export)\s+(type\s+)?([^"';]*?)\s*from\s+"([^"]+)"|^import\s+"([^"]+)"/gm;
  return [...text.matchAll(pattern)].map(([, typeWord, names = "", source = "", bare]) => {
    const target = source || (bare ?? "");
    return {
      from: path,
      to: target.startsWith(".") ? normalize(join(dirname(path), target)) : target,
      typeOnly: typeWord !== undefined || onlyTypes(names),
    };
  });
}

function onlyTypes(names: string): boolean {
  const list = names.match(/^\{([\s\S]*)\}$/)?.[1]?.split(",").map((name) => name.trim()).filter(Boolean) ??
    [];
  return list.length > 0 && list.every((name) => name.startsWith("type "));
}

function violationOf({ from, to, typeOnly }: Import): string | undefined {
  if (FREE.test(from)) return undefined;
  const room = roomOf(from);
  const rule = RULES[room];
  if (!rule) return `${from}: no rule for "${room}" in scripts/check_imports.ts`;
  if (!/^(server|ui|scripts|deno\.json)/.test(to)) {
    if ((rule.packages ?? NODE).test(to) || typeOnly) return undefined;
    return `${from}: may not use the package ${to}`;
  }
  if (to === "deno.json" || roomOf(to) === room) return modelViolation(from, to);
  const allowed = typeOnly ? [...rule.uses, ...(rule.types ?? [])] : rule.uses;
  if (allowed.some((name) => to === name || roomOf(to) === name)) return undefined;
  return `${from}: may not ${typeOnly ? "use types of" : "import"} ${to}`;
}

function modelViolation(from: string, to: string): string | undefined {
  return from.startsWith("ui/models/") && to.endsWith(".tsx")
    ? `${from}: a model may not import ${to}`
    : undefined;
}

function roomOf(path: string): string {
  if (path.startsWith("ui/")) return "ui";
  const [inner, outer] = [3, 2].map((depth) => path.split("/").slice(0, depth).join("/"));
  return inner !== undefined && inner in RULES ? inner : outer ?? path;
}

function privilegeViolations(path: string, text: string): string[] {
  if (FREE.test(path) && path !== "server/server.ts") return [];
  return PRIVILEGES.filter((privilege) => privilege.text.test(text) && !privilege.owner.test(path))
    .map((privilege) => `${path}: ${privilege.what}, which it may not`);
}

/** Circles of run-time imports. */
function findCircles(imports: Import[]): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly) edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) {
      circles.push(`circle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
    }
    if (done.has(path) || trail.includes(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return circles;
}

async function readSources(root: string, directory: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) found.push(...await readSources(root, path));
    else if (/\.tsx?$/.test(entry.name)) found.push([relative(root, path), await Deno.readTextFile(path)]);
  }
  return found;
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const folders = ["server", "ui", "scripts"].map((folder) => readSources(root, join(root, folder)));
  const files = new Map((await Promise.all(folders)).flat());
  const violations = findViolations(files);
  for (const sentence of violations) console.error(sentence);
  console.log(`${files.size} files, ${violations.length} broken import rules`);
  Deno.exit(violations.length === 0 ? 0 : 1);
}
