// How long recordings stay: limits as typed, what they would delete, deleting it, and checking the recordings' file.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { StorageSettings } from "../../server/protocol.ts";
import { ApiError, errorMessage } from "../api/api_error.ts";
import type { RecordingCalls } from "../api/recordings.ts";
import { withoutThousandsCommas } from "../typed_number.ts";
import { createResource } from "./resource.ts";

export interface StorageOptions {
  api: Pick<
    RecordingCalls,
    "getStorageSettings" | "updateStorageSettings" | "previewStorage" | "cleanStorage" | "checkStorage"
  >;
  /** Waits until the user rests; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
}

export type LimitName = keyof StorageSettings;
export type LimitTexts = Record<LimitName, string>;

const LIMIT_NAMES: readonly LimitName[] = ["maxAgeDays", "maxTotalGb", "capGb"];

export type CheckDepth = "quick" | "full";
export type CheckState =
  | { depth: CheckDepth; phase: "running" }
  | { depth: CheckDepth; phase: "done"; findings: readonly string[] }
  | { depth: CheckDepth; phase: "failed"; error: string };

export const StorageModel = createModel(({ api, debounce }: StorageOptions) => {
  const saved = createResource(() => api.getStorageSettings());
  const texts = signal<LimitTexts | undefined>(undefined);
  const refused = signal<{ name: LimitName | undefined; message: string } | undefined>(undefined);
  const busy = signal<"saving" | "cleaning" | undefined>(undefined);
  const cleaned = signal<{ deleted: number; freedBytes: number } | undefined>(undefined);
  const check = signal<CheckState | undefined>(undefined);
  /** The preview is of older limits than those typed. */
  const stale = signal(false);

  const read = computed(() => readLimits(texts.value));
  const changed = computed(() => changedLimits(saved.value.value, read.value.settings));
  const preview = createResource(async () => {
    const settings = read.peek().settings ?? saved.value.peek() ?? await api.getStorageSettings();
    return await api.previewStorage(settings);
  });

  async function look(): Promise<void> {
    const previewed = texts.peek();
    await preview.load();
    if (texts.peek() === previewed) stale.value = false;
  }
  async function attempt(kind: "saving" | "cleaning", act: () => Promise<void>): Promise<void> {
    if (busy.value !== undefined) return;
    busy.value = kind;
    refused.value = undefined;
    cleaned.value = undefined;
    try {
      await act();
    } catch (thrown) {
      refused.value = { name: fieldOf(thrown), message: errorMessage(thrown) };
    } finally {
      busy.value = undefined;
    }
  }
  /** Typed limits are previewed once the user rests. */
  effect(() => {
    if (!stale.value || read.value.settings === undefined) return;
    return debounce(() => void look());
  });

  return {
    saved,
    texts,
    preview,
    stale,
    busy,
    cleaned,
    check,
    /** What is wrong with a field. */
    problems: computed((): Partial<LimitTexts> => {
      const name = refused.value?.name;
      const found = read.value.problems;
      return name === undefined ? found : { [name]: refused.value?.message, ...found };
    }),
    /** A failure that belongs to no field. */
    problem: computed(() => refused.value?.name === undefined ? refused.value?.message : undefined),
    isChanged: computed(() => changed.value === undefined || Object.keys(changed.value).length > 0),
    canSave: computed(() => Object.keys(changed.value ?? {}).length > 0 && busy.value === undefined),
    /** Loads the limits, and what they would delete. Failures are shown in `saved.error` and `preview.error`. */
    async load(): Promise<void> {
      await saved.load();
      const settings = saved.value.value;
      if (settings === undefined) return;
      texts.value ??= textsOf(settings);
      await look();
    },
    type(name: LimitName, text: string): void {
      if (texts.value === undefined) return;
      texts.value = { ...texts.value, [name]: text };
      stale.value = true;
      refused.value = undefined;
      cleaned.value = undefined;
    },
    save: () =>
      attempt("saving", async () => {
        if (changed.value === undefined) return;
        const settings = await api.updateStorageSettings(changed.value);
        saved.set(settings);
        texts.value = textsOf(settings);
      }),
    /** Deletes what the saved limits say. */
    clean: () =>
      attempt("cleaning", async () => {
        cleaned.value = await api.cleanStorage();
        await look();
      }),
    async runCheck(depth: CheckDepth): Promise<void> {
      check.value = { depth, phase: "running" };
      try {
        check.value = { depth, phase: "done", findings: await api.checkStorage(depth) };
      } catch (thrown) {
        check.value = { depth, phase: "failed", error: errorMessage(thrown) };
      }
    },
  };
});

export type StorageState = InstanceType<typeof StorageModel>;

/** What each limit may be, in its unit; the cap is always there. */
const BOUNDS: Record<LimitName, { max: number; optional: boolean; example: string }> = {
  maxAgeDays: { max: 36_500, optional: true, example: "days as a number, for example 90" },
  maxTotalGb: { max: 1_000_000, optional: true, example: "GiB as a number, for example 20" },
  capGb: { max: 1_000_000, optional: false, example: "GiB as a number, for example 1 or 0.5" },
};

/** The limits that the texts mean; no settings while one of them cannot be read. */
export function readLimits(
  texts: LimitTexts | undefined,
): { settings?: StorageSettings; problems: Partial<LimitTexts> } {
  if (texts === undefined) return { problems: {} };
  const settings: StorageSettings = { maxAgeDays: null, maxTotalGb: null, capGb: 0 };
  const problems: Partial<LimitTexts> = {};
  for (const name of LIMIT_NAMES) {
    const limit = readLimit(name, texts[name]);
    if (typeof limit === "string") problems[name] = limit;
    else if (name !== "capGb") settings[name] = limit;
    else if (limit !== null) settings.capGb = limit;
  }
  return Object.keys(problems).length > 0 ? { problems } : { settings, problems };
}

/** A limit, null for none, or what is wrong with the text. */
function readLimit(name: LimitName, text: string): number | null | string {
  const { max, optional, example } = BOUNDS[name];
  const plain = withoutThousandsCommas(text.trim());
  if (plain === "" && optional) return null;
  if (!/^(\d{1,9}(\.\d{0,6})?|\.\d{1,6})$/.test(plain)) return `Give ${example}`;
  const limit = Number(plain);
  if (limit <= 0) return optional ? "Above 0; leave it empty for no limit" : "Above 0";
  return limit > max ? `At most ${max.toLocaleString("en-US")}` : limit;
}

function textsOf(settings: StorageSettings): LimitTexts {
  const text = (limit: number | null): string => limit === null ? "" : String(limit);
  return {
    maxAgeDays: text(settings.maxAgeDays),
    maxTotalGb: text(settings.maxTotalGb),
    capGb: text(settings.capGb),
  };
}

/** The limits that differ from the saved ones; undefined while one cannot be read. */
function changedLimits(
  saved: StorageSettings | undefined,
  typed: StorageSettings | undefined,
): Partial<StorageSettings> | undefined {
  if (saved === undefined || typed === undefined) return undefined;
  return Object.fromEntries(
    LIMIT_NAMES.flatMap((name) => saved[name] === typed[name] ? [] : [[name, typed[name]]]),
  );
}

function fieldOf(thrown: unknown): LimitName | undefined {
  return thrown instanceof ApiError ? LIMIT_NAMES.find((name) => name === thrown.field) : undefined;
}
