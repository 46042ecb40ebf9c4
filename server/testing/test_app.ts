// The page's application with a database in memory and a fake holder, for tests of routes.
import assert from "node:assert/strict";
import type { Hono } from "hono";
import { createApp } from "../http/app.ts";
import type { AppEnv } from "../http/app_dependencies.ts";
import { Assets } from "../http/assets.ts";
import { Credentials, mintCode } from "../http/credentials.ts";
import { Hub } from "../http/hub.ts";
import { createLog, type Log } from "../log.ts";
import { AGENT_KEY_HEADER, createAgentApp } from "../http/agent_app.ts";
import { mintAgentKey } from "../http/agent_keys.ts";
import type { ServerMessage, StatusView } from "../protocol.ts";
import { createSessionRooms, type SessionRooms, type SessionRoomsOptions } from "../session_rooms.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { FakeHolder } from "./fake_holder.ts";
import { FakeVault } from "./fake_vault.ts";

export const TEST_PORT = 4999;
const AGENT_PORT = 4998;
export const AGENT_ORIGIN = `http://127.0.0.1:${AGENT_PORT}`;
export const TEST_ORIGIN = `http://127.0.0.1:${TEST_PORT}`;

export interface TestApp {
  app: Hono<AppEnv>;
  holder: FakeHolder;
  vault: FakeVault;
  sessions: Sessions;
  rooms: SessionRooms;
  store: FleetStore;
  /** Everything that was sent to all pages. */
  messages: ServerMessage[];
  /** The agent port's listener. */
  agentApp: ReturnType<typeof createAgentApp>;
  /** What a session's programs send along. */
  agentHeaders(sessionId: string): Record<string, string>;
  credentials: Credentials;
  /** An existing directory for launches. */
  directory: string;
  /** A code that was not used yet. */
  mintCode(): string;
  /** Headers of a signed-in page. */
  signIn(): Promise<Record<string, string>>;
  /** Signs in and calls the api as a page does. */
  openPage(): Promise<TestPage>;
  /** What went to the log. */
  logLines: string[];
  close(): Promise<void>;
}

/** The api, for a page that is signed in. */
export interface TestPage {
  request(path: string, options?: { method?: string; body?: unknown }): Promise<Response>;
  /** The JSON answer; fails for another status than `status`, which is 200 unless given. */
  call<Answer>(path: string, options?: { method?: string; body?: unknown; status?: number }): Promise<Answer>;
}

/** A test with an application of its own. */
export function test(
  name: string,
  work: (t: TestApp) => Promise<void>,
  options: TestAppOptions = {},
): void {
  Deno.test(name, async () => {
    const t = await createTestApp(options);
    try {
      await work(t);
    } finally {
      await t.close();
    }
  });
}

export interface TestAppOptions {
  /** Besides what every program needs. */
  environment?: Record<string, string>;
}

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const directory = await Deno.makeTempDir();
  const page = await createPage();
  const store = new FleetStore(":memory:");
  const holder = new FakeHolder();
  const vault = new FakeVault();
  const logLines: string[] = [];
  const log = createLog("debug", (line) => logLines.push(line));
  const clock = countingIds();
  const hub = new Hub({ holder, log });
  const messages: ServerMessage[] = [];
  const rooms = createSessionRooms({
    ...roomsOptions(directory, options),
    ...clock,
    ...{ store, holder, vault, log },
    broadcast: (message) => {
      messages.push(message);
      hub.broadcast(message);
    },
  });
  holder.listener = (event) => {
    hub.handle(event);
    rooms.handle(event);
  };
  const credentials = new Credentials({
    logins: store.logins,
    installSecret: INSTALL_SECRET,
    now: clock.now,
  });
  const app = createApp({
    ...rooms,
    ...{ port: TEST_PORT, cookieName: "test_cookie", instance: "instance", version: "0.0.0" },
    ...{ assets: Assets.load(new URL(`file://${page}/`)), credentials, hub, store, holder, log },
    status: () => ({ ...STATUS, homeDirectory: directory, sqliteVersion: store.sqliteVersion }),
  });
  const mint = (): string => mintCode(INSTALL_SECRET, clock.now());
  return {
    ...{ app, holder, vault, rooms, store, messages, credentials, directory, logLines },
    sessions: rooms.sessions,
    agentApp: agentAppOf(rooms, log),
    agentHeaders,
    mintCode: mint,
    signIn: async () => await signIn(app, mint()),
    openPage: async () => pageOf(app, await signIn(app, mint())),
    close: async () => {
      await rooms.close();
      await rooms.metering.finished();
      store.close();
      await Promise.all([directory, page].map((path) => Deno.remove(path, { recursive: true })));
    },
  };
}

const INSTALL_SECRET = new Uint8Array(32).fill(7);

const STATUS: StatusView = {
  version: "0.0.0",
  address: TEST_ORIGIN,
  agentAddress: "",
  dataDirectory: "",
  homeDirectory: "",
  platform: "linux",
  sqliteVersion: "",
  startedAtMs: 0,
  afterLogout: { decidedBy: "unknown" },
  agents: [],
};

/** What is built of the page, as far as routes need it. */
async function createPage(): Promise<string> {
  const page = await Deno.makeTempDir();
  await Deno.writeTextFile(`${page}/index.html`, '<meta name="style-nonce" content="__NONCE__">');
  await Deno.writeTextFile(`${page}/main-12345678.js`, "1");
  return page;
}

/** Where everything is, and time that passes at once. */
function roomsOptions(
  directory: string,
  { environment }: TestAppOptions,
): Omit<SessionRoomsOptions, "store" | "holder" | "vault" | "log" | "broadcast" | "now" | "newId"> {
  return {
    rules: { homeDirectory: directory, dataDirectory: "/nowhere/data" },
    environment: {
      PATH: `${directory}/bin:/usr/bin:/bin`,
      SHELL: "/bin/sh",
      HOME: directory,
      ...environment,
    },
    runsDirectory: `${directory}/runs`,
    receiver: (id) => ({
      url: AGENT_ORIGIN,
      header: AGENT_KEY_HEADER,
      key: mintAgentKey(INSTALL_SECRET, id),
    }),
    keyHeader: AGENT_KEY_HEADER,
    capturesGit: true,
    pageAddress: () => TEST_ORIGIN,
    pricing: { json: undefined, jsonPath: undefined },
    systemTimeZone: "UTC",
    wait: () => Promise.resolve(),
    later: (work) => {
      queueMicrotask(work);
      return () => {};
    },
  };
}

function agentAppOf({ metering, gate, readyForCalls }: SessionRooms, log: Log): TestApp["agentApp"] {
  return createAgentApp({
    ...{ port: AGENT_PORT, installSecret: INSTALL_SECRET, metering, log },
    gateway: gate.gateway,
    pricesReady: readyForCalls,
  });
}

function agentHeaders(sessionId: string): Record<string, string> {
  return {
    host: new URL(AGENT_ORIGIN).host,
    "content-type": "application/json",
    [AGENT_KEY_HEADER]: mintAgentKey(INSTALL_SECRET, sessionId),
  };
}

function pageOf(app: Hono<AppEnv>, headers: Record<string, string>): TestPage {
  const request: TestPage["request"] = async (path, { method = "GET", body } = {}) =>
    await app.request(TEST_ORIGIN + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    request,
    // deno-lint-ignore explicit-function-return-type -- the answer's type is the caller's
    async call(path, { status = 200, ...options } = {}) {
      const response = await request(path, options);
      const text = await response.text();
      assert.equal(response.status, status, text);
      return JSON.parse(text);
    },
  };
}

/** Ids that sort by time and a clock that never stands still. */
function countingIds(): { newId: () => string; now: () => number } {
  let count = 0;
  let time = 1_800_000_000_000;
  return {
    newId: () => `00000000-0000-7000-8000-${(++count).toString(16).padStart(12, "0")}`,
    now: () => ++time,
  };
}

async function signIn(app: Hono<AppEnv>, code: string): Promise<Record<string, string>> {
  const host = new URL(TEST_ORIGIN).host;
  const response = await app.request(`${TEST_ORIGIN}/api/login`, {
    method: "POST",
    headers: { host, origin: TEST_ORIGIN, "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const { pageKey } = await response.json();
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { host, origin: TEST_ORIGIN, cookie, "x-page-key": pageKey, "content-type": "application/json" };
}
