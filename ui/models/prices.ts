// Prices the user edits: a table of overrides, where prices come from, and what new prices make of old calls.

import { computed, createModel, signal } from "@preact/signals";
import type { PriceEntry, PriceTable, RepriceResult } from "../../server/protocol.ts";
import { errorMessage } from "../api/api_error.ts";
import type { MoneyCalls } from "../api/money.ts";
import { createResource } from "./resource.ts";

export interface PricesOptions {
  api: Pick<MoneyCalls, "getPrices" | "reprice">;
  /** Saves the table; false when it was refused, which was said already. */
  save(prices: PriceTable): Promise<boolean>;
}

/** One row of the editor as typed. An empty model is the default for models without a price. */
export interface PriceDraft {
  key: number;
  model: string;
  isDefault: boolean;
  fields: Record<PriceField, string>;
}

export type PriceField = keyof Required<PriceEntry>;

export const PRICE_FIELDS: readonly { field: PriceField; label: string; optional: boolean }[] = [
  { field: "inputPer1M", label: "Input", optional: false },
  { field: "outputPer1M", label: "Output", optional: false },
  { field: "cacheReadPer1M", label: "Cache read", optional: true },
  { field: "cacheWrite5mPer1M", label: "Write 5 min", optional: true },
  { field: "cacheWrite1hPer1M", label: "Write 1 h", optional: true },
];

export const PricesModel = createModel((options: PricesOptions) => {
  const { api } = options;
  const prices = createResource(() => api.getPrices());
  const drafts = signal<readonly PriceDraft[] | undefined>(undefined);
  const preview = signal<RepriceResult | undefined>(undefined);
  const busy = signal(false);
  const error = signal<string | undefined>(undefined);
  let lastKey = 0;

  const table = computed(() => readDrafts(drafts.value ?? []));

  async function reprice(apply: boolean): Promise<void> {
    busy.value = true;
    error.value = undefined;
    try {
      preview.value = await api.reprice(apply);
      if (apply) await prices.load();
    } catch (thrown) {
      error.value = errorMessage(thrown);
    } finally {
      busy.value = false;
    }
  }
  function addDraft(draft: Omit<PriceDraft, "key">): void {
    drafts.value = [...drafts.value ?? [], { ...draft, key: ++lastKey }];
  }

  return {
    prices,
    /** Rows being edited; undefined while the editor is closed. */
    drafts,
    /** What is wrong in the rows, by key; no words for a row in which nothing was typed yet. */
    problems: computed(() => table.value.problems),
    preview,
    busy,
    error,
    /** Opens the editor on a stored table. */
    edit(stored: PriceTable): void {
      drafts.value = [];
      for (const [model, entry] of Object.entries(stored.models)) {
        addDraft({ model, isDefault: false, fields: fieldsOf(entry) });
      }
      if (stored.default !== undefined) {
        addDraft({ model: "", isDefault: true, fields: fieldsOf(stored.default) });
      }
    },
    cancel(): void {
      drafts.value = undefined;
    },
    add(model = "", entry?: PriceEntry | null): void {
      if (drafts.value?.some((draft) => !draft.isDefault && draft.model === model && model !== "")) return;
      addDraft({ model, isDefault: false, fields: fieldsOf(entry ?? undefined) });
    },
    addDefault(): void {
      if (!drafts.value?.some((draft) => draft.isDefault)) {
        addDraft({ model: "", isDefault: true, fields: fieldsOf(undefined) });
      }
    },
    remove(key: number): void {
      drafts.value = drafts.value?.filter((draft) => draft.key !== key);
    },
    type(key: number, patch: { model?: string; field?: PriceField; text?: string }): void {
      drafts.value = drafts.value?.map((draft) => draft.key === key ? withTyped(draft, patch) : draft);
    },
    /** Saves the rows, then shows what they make of the calls so far. */
    async save(): Promise<void> {
      const { prices: next, problems } = table.value;
      if (problems.size > 0) return;
      busy.value = true;
      const kept = await options.save(next);
      busy.value = false;
      if (!kept) return;
      drafts.value = undefined;
      await Promise.all([prices.load(), reprice(false)]);
    },
    /** What today's prices make of the calls so far; changes nothing. */
    look: () => reprice(false),
    /** Puts today's prices on the calls so far. */
    apply: () => reprice(true),
    closePreview(): void {
      preview.value = undefined;
    },
  };
});

export type Prices = InstanceType<typeof PricesModel>;

/** The table that the rows make, and what keeps a row from being read. */
function readDrafts(
  drafts: readonly PriceDraft[],
): { prices: PriceTable; problems: ReadonlyMap<number, string> } {
  const prices: PriceTable = { models: {} };
  const problems = new Map<number, string>();
  for (const draft of drafts) {
    const entry = readEntry(draft.fields);
    const model = draft.model.trim();
    if (isBlank(draft)) problems.set(draft.key, "");
    else if (typeof entry === "string") problems.set(draft.key, entry);
    else if (draft.isDefault) prices.default = entry;
    else if (model === "") problems.set(draft.key, "Name the model");
    else if (Object.hasOwn(prices.models, model)) problems.set(draft.key, "This model is listed twice");
    else prices.models[model] = entry;
  }
  return { prices, problems };
}

function isBlank({ model, fields }: PriceDraft): boolean {
  return model === "" && Object.values(fields).every((text) => text === "");
}

function readEntry(fields: PriceDraft["fields"]): PriceEntry | string {
  const entry: Partial<PriceEntry> = {};
  for (const { field, label, optional } of PRICE_FIELDS) {
    const text = fields[field].trim().replace(/^\$/, "");
    if (text === "" && optional) continue;
    if (!/^\d{1,7}(\.\d{1,6})?$/.test(text)) {
      return `${label}: dollars per million tokens, for example 3 or 0.30`;
    }
    entry[field] = Number(text);
  }
  return entry as PriceEntry;
}

function fieldsOf(entry: PriceEntry | undefined): PriceDraft["fields"] {
  const text = (field: PriceField): string => entry?.[field]?.toString() ?? "";
  return {
    inputPer1M: text("inputPer1M"),
    outputPer1M: text("outputPer1M"),
    cacheReadPer1M: text("cacheReadPer1M"),
    cacheWrite5mPer1M: text("cacheWrite5mPer1M"),
    cacheWrite1hPer1M: text("cacheWrite1hPer1M"),
  };
}

function withTyped(
  draft: PriceDraft,
  patch: { model?: string; field?: PriceField; text?: string },
): PriceDraft {
  const model = patch.model ?? draft.model;
  if (patch.field === undefined) return { ...draft, model };
  return { ...draft, model, fields: { ...draft.fields, [patch.field]: patch.text ?? "" } };
}
