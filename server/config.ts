// The only reader of the command line and the environment: turns both into one frozen, checked value.
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** The same as in `deno.json`; importing that would put the whole file into the executable. */
export const VERSION = "0.1.0";

/** The page's port unless `--port` says otherwise. */
const DEFAULT_PORT = 4517;

export interface Config {
  /** `holder` is how the program starts itself to hold sessions. */
  command: "serve" | "holder" | "url" | "backup" | "restore" | "check-ledger" | "version" | "help";
  /** Of `backup` and `restore`. */
  file: string;
  /** A data directory in the way of `restore` is moved aside. */
  force: boolean;
  port: number;
  /** A port that was asked for is taken or refused, never replaced by another. */
  portIsExplicit: boolean;
  dataDirectory: string;
  openBrowser: boolean;
  logLevel: "debug" | "info" | "warn" | "error";
  homeDirectory: string;
  temporaryDirectory: string;
  /** The user's environment, handed on to sessions after cleaning. */
  environment: Readonly<Record<string, string>>;
  platform: "linux" | "darwin" | "windows";
  pricing: PricingConfig;
  /** `AGENTS_FLEET_CAPTURE_GIT_ON_END`: whether sessions' work trees are captured by themselves. */
  capturesGit: boolean;
}

/** Where prices come from besides the built-in table and Settings. */
export interface PricingConfig {
  /** `PRICING_JSON` */
  json: string | undefined;
  /** `PRICING_JSON_PATH` */
  jsonPath: string | undefined;
  /** `PRICING_API_URL` and what goes with it. */
  api: {
    url: string;
    authorization: string | undefined;
    headers: Record<string, string>;
    timeoutMs: number;
    ttlMs: number;
    allowPrivate: boolean;
  } | undefined;
}

/** Commands by their first word. */
const COMMANDS: Record<string, Config["command"]> = {
  url: "url",
  backup: "backup",
  restore: "restore",
  "check-ledger": "check-ledger",
  __holder: "holder",
};
/** Commands that take the path of a file. */
const FILE_COMMANDS = ["backup", "restore"];

/** How an environment variable says no. */
const OFF_WORDS = ["0", "false", "no", "off"];

/** The command line was wrong; the message says how. */
export class UsageError extends Error {}

export const HELP = `agents-fleet ${VERSION}: run coding agents, watch them live, and know what they spend

Usage: agents-fleet [--port N] [--data DIR] [--open | --no-open]
       agents-fleet url [--data DIR]             print a fresh address for another browser
       agents-fleet backup FILE [--data DIR]     copy everything but the secret into one file, while running
       agents-fleet restore FILE [--data DIR] [--force]
       agents-fleet check-ledger [--data DIR]    prove that every sum of money is that of its rows
       agents-fleet --version | --help

  --port N      port of the page on 127.0.0.1 (default ${DEFAULT_PORT}, or the next free one)
  --data DIR    where everything is kept (default: this platform's place for application data)
  --open        open the page in the default browser
  --log LEVEL   debug, info, warn or error (default info)
`;

/** Parses and checks. Throws UsageError with a sentence for the user. */
export function parseConfig(args: string[], environment: Record<string, string>, platform: string): Config {
  const { values, positionals } = parse(args);
  const [word, ...rest] = positionals;
  const takesFile = FILE_COMMANDS.includes(word ?? "");
  if (rest.length > (takesFile ? 1 : 0) || (word !== undefined && !(word in COMMANDS))) {
    throw new UsageError(`Unknown command "${positionals.join(" ")}": see agents-fleet --help`);
  }
  if (takesFile && rest[0] === undefined) throw new UsageError(`Say which file: agents-fleet ${word} FILE`);
  const homeDirectory = environment["HOME"] ?? environment["USERPROFILE"] ?? "";
  return Object.freeze({
    command: values.version ? "version" : values.help ? "help" : COMMANDS[word ?? ""] ?? "serve",
    file: resolve(rest[0] ?? ""),
    force: values.force === true,
    port: values.port === undefined ? DEFAULT_PORT : parsePort(values.port),
    portIsExplicit: values.port !== undefined,
    dataDirectory: resolve(values.data ?? defaultDataDirectory(environment, platform)),
    openBrowser: values.open === true,
    logLevel: parseLogLevel(values.log ?? environment["AGENTS_FLEET_LOG"] ?? "info"),
    homeDirectory,
    temporaryDirectory: environment["TMPDIR"] || "/tmp",
    environment: Object.freeze({ ...environment }),
    platform: platform === "darwin" || platform === "windows" ? platform : "linux",
    pricing: parsePricing(environment),
    capturesGit: !OFF_WORDS.includes(environment["AGENTS_FLEET_CAPTURE_GIT_ON_END"]?.toLowerCase() ?? ""),
  });
}

/** Reads this process's own command line and environment. */
export function readConfig(): Config {
  return parseConfig(Deno.args, Deno.env.toObject(), Deno.build.os);
}

function parse(args: string[]): {
  values: {
    port?: string;
    data?: string;
    open?: boolean;
    force?: boolean;
    log?: string;
    version?: boolean;
    help?: boolean;
  };
  positionals: string[];
} {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        port: { type: "string" },
        data: { type: "string" },
        open: { type: "boolean" },
        force: { type: "boolean" },
        log: { type: "string" },
        version: { type: "boolean", short: "v" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : cause}: see agents-fleet --help`, {
      cause,
    });
  }
}

/** No answer of a price service is worth waiting longer for. */
const MAX_PRICING_TIMEOUT_MS = 5000;
const MIN_PRICING_TTL_MS = 5000;

function parsePricing(environment: Record<string, string>): PricingConfig {
  const url = environment["PRICING_API_URL"];
  const timeoutMs = parseMilliseconds(
    environment["PRICING_API_TIMEOUT_MS"] ?? "2000",
    "PRICING_API_TIMEOUT_MS",
  );
  const ttlMs = parseMilliseconds(environment["PRICING_API_TTL_MS"] ?? "60000", "PRICING_API_TTL_MS");
  return {
    json: environment["PRICING_JSON"],
    jsonPath: environment["PRICING_JSON_PATH"],
    api: url
      ? {
        url,
        authorization: environment["PRICING_API_HEADER_AUTH"],
        headers: parseHeaders(environment["PRICING_API_HEADERS_JSON"]),
        timeoutMs: Math.min(timeoutMs, MAX_PRICING_TIMEOUT_MS),
        ttlMs: Math.max(ttlMs, MIN_PRICING_TTL_MS),
        allowPrivate: environment["PRICING_API_ALLOW_PRIVATE"] === "1",
      }
      : undefined,
  };
}

function parseMilliseconds(text: string, name: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`Cannot use ${name} "${text}": give milliseconds`);
  return Number(text);
}

function parseHeaders(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    const entries = Object.entries(JSON.parse(text)).filter(([, value]) => typeof value === "string");
    return Object.fromEntries(entries) as Record<string, string>;
  } catch (cause) {
    throw new UsageError("Cannot use PRICING_API_HEADERS_JSON: it is not a JSON object of texts", { cause });
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65535)) throw new UsageError(`Cannot use port "${text}": give a number from 0 to 65535`);
  return port;
}

function parseLogLevel(text: string): Config["logLevel"] {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw new UsageError(`Cannot use log level "${text}": give debug, info, warn or error`);
}

function defaultDataDirectory(environment: Record<string, string>, platform: string): string {
  const home = environment["HOME"];
  if (!home) {
    throw new UsageError("Cannot choose a data directory because HOME is not set: give one with --data DIR");
  }
  if (platform === "darwin") return join(home, "Library", "Application Support", "agents-fleet");
  return join(environment["XDG_DATA_HOME"] || join(home, ".local", "share"), "agents-fleet");
}
