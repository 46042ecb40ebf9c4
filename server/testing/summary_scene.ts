// A summary desk with a database in memory, a session with something to sum up, and a fake provider behind it.
import assert from "node:assert/strict";
import { SummaryDesk, type SummaryDeskOptions } from "../artifacts/summary/summary_desk.ts";
import type { SummarySources } from "../artifacts/summary/summary_input.ts";
import { createLog } from "../log.ts";
import { SummaryMoney } from "../money/summary_money.ts";
import type {
  BudgetView,
  FileChange,
  ServerMessage,
  SessionView,
  SummarySettings,
  SummaryView,
} from "../protocol.ts";
import { FleetStore } from "../store/fleet_store.ts";
import { createPriceBook } from "./loaded_prices.ts";
import { newSession } from "./new_session.ts";
import { FakeModels, type Reply } from "./fake_models.ts";

export const SESSION_ID = "00000000-0000-7000-8000-00000000000a";

export const SESSION: SessionView = {
  id: SESSION_ID,
  conversationId: "c1",
  revision: 1,
  kind: "claude",
  command: "claude --model haiku",
  cwd: "/home/dev/repo",
  repository: { root: "/home/dev/repo", name: "repo", branch: "main" },
  lifecycle: "running",
  activity: "idle",
  held: false,
  paused: false,
  cols: 80,
  rows: 24,
  createdAtMs: 1,
  recordedBytes: 0,
};

export interface SceneOptions {
  replies: Reply[];
  environment?: Record<string, string>;
  timeoutMs?: number;
}

export class SummaryScene {
  readonly store = new FleetStore(":memory:");
  readonly models: FakeModels;
  readonly messages: ServerMessage[] = [];
  readonly titles: string[] = [];
  readonly logLines: string[] = [];
  settings: SummarySettings = {
    summaryProvider: "auto",
    summaryLitellmModel: "gpt-4.1-nano",
    summaryClaudeModel: "claude-haiku-4-5",
    summaryAtEnd: false,
  };
  session = SESSION;
  budgets: BudgetView[] = [];
  inputs: string[] = ["fix the parser\\r"];
  files: { change: FileChange; patch: string }[] = [];
  screen = "All tests pass";
  snapshotsFinished: () => Promise<void> = () => Promise.resolve();
  readonly desk: SummaryDesk;

  constructor(options: SceneOptions) {
    this.models = FakeModels.start(...options.replies);
    this.store.sessions.create(newSession({ id: SESSION_ID }));
    let time = 1_800_000_000_000;
    let ids = 0;
    const now = (): number => ++time;
    const book = createPriceBook();
    const deskOptions: SummaryDeskOptions = {
      table: this.store.summaries,
      rows: this.store.sessions,
      viewOf: () => this.session,
      setTitle: (_, title) => this.titles.push(title),
      sources: this.#sources(),
      money: new SummaryMoney({
        table: this.store.ledger,
        prices: () => book,
        budgets: { listFleet: () => this.budgets },
        changed: () => {},
        now,
      }),
      environment: options.environment ??
        { LITELLM_BASE_URL: `${this.models.url}/v1/`, LITELLM_API_KEY: "sk-1234" },
      settings: () => this.settings,
      snapshotsFinished: () => this.snapshotsFinished(),
      broadcast: (message) => this.messages.push(message),
      now,
      newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, "0")}`,
      fetch,
      timeoutMs: options.timeoutMs ?? 20_000,
      log: createLog("debug", (line) => this.logLines.push(line)),
    };
    this.desk = new SummaryDesk(deskOptions);
  }

  async close(): Promise<void> {
    await this.desk.close();
    await this.models.close();
    this.store.close();
  }

  #sources(): SummarySources {
    return {
      inputs: () => this.inputs,
      changes: () =>
        Promise.resolve({
          files: this.files.map(({ change }) => change),
          patch: (id) =>
            Promise.resolve(streamOf(this.files.find(({ change }) => change.id === id)?.patch ?? "")),
        }),
      screen: () => Promise.resolve(this.screen),
    };
  }
}

/** An answer as a model is asked for it. */
export const GOOD_REPLY: Reply = {
  text: '{"title":"Fixes the parser","summary":"The parser was fixed. Tests pass."}',
};

/** Runs with a scene of its own. */
export async function withScene(
  options: SceneOptions,
  run: (scene: SummaryScene) => Promise<void>,
): Promise<void> {
  const scene = new SummaryScene(options);
  try {
    await run(scene);
  } finally {
    await scene.close();
  }
}

/** Makes a summary and answers it. */
export async function makeSummary(
  scene: SummaryScene,
  request: { preview?: string } = {},
): Promise<SummaryView> {
  scene.desk.generate(SESSION_ID, request);
  await scene.desk.finished();
  const [newest] = scene.desk.list(SESSION_ID).items;
  assert.ok(newest);
  return newest;
}

/** A changed file as a comparison lists it. */
export function changeOf(path: string, more: Partial<FileChange> = {}): FileChange {
  return { id: path, path, status: "M", kind: "text", additions: 1, deletions: 1, ...more };
}

function streamOf(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller): void {
      // In pieces, as a process writes.
      for (let at = 0; at < bytes.length; at += 1000) controller.enqueue(bytes.slice(at, at + 1000));
      controller.close();
    },
  });
}
