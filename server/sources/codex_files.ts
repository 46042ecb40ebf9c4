// Where Codex keeps its threads: rollout files by local date, each named after its thread.
import { join } from "node:path";
import * as z from "zod";
import { listNames } from "./claude_files.ts";
import { ignoreMissing } from "./file_follower.ts";

export interface RolloutMeta {
  id: string;
  cwd: string;
  /** A sub-agent's thread. */
  isSubagent: boolean;
  /** When the thread began; its file comes with the first words in it. */
  bornMs?: number;
}

const NAME = /^rollout-.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;
/** The first line carries the vendor's instructions. */
const MAX_META_BYTES = 1024 * 1024;
const DAY_MS = 86_400_000;
const META = z.object({
  type: z.literal("session_meta"),
  payload: z.object({ id: z.uuid(), cwd: z.string(), source: z.unknown(), timestamp: z.unknown() }),
});

/** Rollouts of the day of `sinceMs` and all days since, oldest first. */
export async function listRollouts(
  sessions: string,
  since: { sinceMs: number; nowMs: number },
): Promise<string[]> {
  const days = new Set<string>();
  for (let atMs = since.sinceMs; atMs < since.nowMs + DAY_MS; atMs += DAY_MS) {
    days.add(dayDirectory(Math.min(atMs, since.nowMs)));
  }
  const lists = await Promise.all([...days].map(async (day) => {
    const directory = join(sessions, day);
    const names = await listNames(directory);
    return names.filter((name) => NAME.test(name)).map((name) => join(directory, name));
  }));
  return lists.flat();
}

/** The rollout of a thread, of whatever day; newest days first. */
export async function findRollout(sessions: string, threadId: string): Promise<string | undefined> {
  for (const year of (await listNames(sessions)).reverse()) {
    for (const month of (await listNames(join(sessions, year))).reverse()) {
      for (const day of (await listNames(join(sessions, year, month))).reverse()) {
        const directory = join(sessions, year, month, day);
        const name = (await listNames(directory)).find((each) => threadOf(each) === threadId);
        if (name) return join(directory, name);
      }
    }
  }
  return undefined;
}

/** The thread in a rollout's file name. */
export function threadOf(path: string): string | undefined {
  return NAME.exec(path.slice(path.lastIndexOf("/") + 1))?.[1];
}

/** What a rollout's first line says of it; undefined while that is not complete. */
export async function readMeta(path: string): Promise<RolloutMeta | undefined> {
  const line = await readFirstLine(path);
  if (line === undefined) return undefined;
  try {
    const { payload } = META.parse(JSON.parse(line));
    const isSubagent = typeof payload.source === "object" && payload.source !== null;
    const bornMs = typeof payload.timestamp === "string" ? Date.parse(payload.timestamp) : NaN;
    return { id: payload.id, cwd: payload.cwd, isSubagent, ...(Number.isNaN(bornMs) ? {} : { bornMs }) };
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) return undefined;
    throw cause;
  }
}

async function readFirstLine(path: string): Promise<string | undefined> {
  using file = await ignoreMissing(Deno.open(path));
  if (!file) return undefined;
  const decoder = new TextDecoder();
  const piece = new Uint8Array(64 * 1024);
  let text = "";
  while (text.length < MAX_META_BYTES) {
    const count = await file.read(piece);
    if (count === null) return undefined;
    text += decoder.decode(piece.subarray(0, count), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return undefined;
}

function dayDirectory(atMs: number): string {
  const date = new Date(atMs);
  const two = (part: number): string => String(part).padStart(2, "0");
  return join(String(date.getFullYear()), two(date.getMonth() + 1), two(date.getDate()));
}
