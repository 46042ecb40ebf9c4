// Everything a session left as one list, newest first: merges sources that each know one kind of thing.
import { AppError } from "../errors.ts";
import type { ArtifactDetail, ArtifactKind, ArtifactView, Page } from "../protocol.ts";
import type { TimePlace } from "../store/events.ts";

/** An artifact before it is named; `number` is unique within its source and never 0. */
export type SourceItem = Omit<ArtifactView, "id"> & { number: number };

/** What opening shows; `content` is as it was stored, secrets and all. */
export interface SourceDetail extends SourceItem {
  content: string;
  facts: ArtifactDetail["facts"];
  more?: Pick<ArtifactDetail, "snapshot">;
}

/** One kind of thing that sessions leave. A new one is a source of its own in the list that the root makes. */
export interface ArtifactSource {
  /** Its artifacts are called `name-number`; the only one of a source that has no more is called `name`. */
  name: string;
  hasOnlyOne?: true;
  /** Kinds that its items can have. */
  kinds: readonly ArtifactKind[];
  /** At most `limit` items behind a place, by time and then number, both descending. */
  list(sessionId: string, wish: SourceWish): SourceItem[];
  get(sessionId: string, number: number): SourceDetail | undefined;
}

export interface SourceWish {
  before: TimePlace;
  limit: number;
  /** Only these of its kinds; missing for all. */
  kinds?: readonly ArtifactKind[];
}

export interface ArtifactQuery {
  kinds?: readonly ArtifactKind[];
  q?: string;
  limit: number;
  cursor?: ArtifactPlace;
}

/** Behind an item: its time, its source's place among the sources, its number. */
export type ArtifactPlace = [atMs: number, source: number, number: number];

export interface ArtifactListOptions {
  /** At equal times the items of the first source come first. */
  sources: readonly ArtifactSource[];
  /** Hides secrets, character for character, and says how many. */
  mask: (text: string) => { text: string; count: number };
}

const BATCH = 100;
/** A search that has looked at so many items answers what it has, and where it stopped. */
const MAX_SEARCHED = 1000;
const MAX_TEXT_CHARACTERS = 200;
/** Further in, nothing of a text is looked at for its first line. */
const MAX_LOOKED_AT_CHARACTERS = 4000;
/** Of the only item of a source. */
export const ONLY = 1;

interface Found {
  item: SourceItem;
  place: ArtifactPlace;
}

export class ArtifactList {
  readonly #options: ArtifactListOptions;

  constructor(options: ArtifactListOptions) {
    this.#options = options;
  }

  /** A page of what matches. It may be short, or empty, although another follows. */
  list(sessionId: string, query: ArtifactQuery): Page<ArtifactView> {
    const items: ArtifactView[] = [];
    let looked = 0;
    let last: ArtifactPlace | undefined;
    for (const { item, place } of this.#walk(sessionId, query)) {
      if (items.length === query.limit || looked === MAX_SEARCHED) {
        return { items, ...(last ? { next: JSON.stringify(last) } : {}) };
      }
      looked++;
      last = place;
      // Masking takes its time: only what could match is masked.
      if (!matches(`${item.title} ${item.text}`, query.q)) continue;
      const line = this.#firstLine(item);
      if (matches(`${item.title} ${line}`, query.q)) {
        items.push(viewOf(item, { id: this.#nameOf(place), line }));
      }
    }
    return { items };
  }

  /** One artifact with its content; secrets are masked unless `show`. Throws `not_found`. */
  get(sessionId: string, id: string, { show }: { show: boolean }): ArtifactDetail {
    const { mask, sources } = this.#options;
    const { name, number } = parseId(id);
    const source = sources.find((each) =>
      each.name === name && (number === undefined) === (each.hasOnlyOne ?? false)
    );
    const found = source?.get(sessionId, number ?? ONLY);
    if (!found) throw new AppError("not_found", "There is no such artifact: it may have been deleted");
    const { content, facts, more, ...item } = found;
    const masked = mask(content);
    return {
      ...viewOf(item, { id, line: this.#firstLine(item) }),
      ...more,
      facts: facts.map((fact) => ({ ...fact, value: show ? fact.value : mask(fact.value).text })),
      content: show ? content : masked.text,
      secrets: masked.count,
    };
  }

  /** All sources at once, in order. */
  *#walk(sessionId: string, { kinds, cursor }: ArtifactQuery): Generator<Found> {
    const heads = this.#options.sources.flatMap((source, rank) => {
      const wanted = kinds === undefined ? undefined : source.kinds.filter((kind) => kinds.includes(kind));
      if (wanted?.length === 0) return [];
      const items = walkSource(source, { sessionId, rank, ...(wanted ? { kinds: wanted } : {}), cursor });
      return [{ items, next: items.next() }];
    });
    for (;;) {
      const first = heads.reduce<(typeof heads)[number] | undefined>(
        (best, head) => head.next.done || (best && !isBefore(head.next.value, best.next.value)) ? best : head,
        undefined,
      );
      if (!first || first.next.done) return;
      yield first.next.value;
      first.next = first.items.next();
    }
  }

  /** A key that is cut in two is not known for one: what is shown is masked first, then cut. */
  #firstLine({ text }: SourceItem): string {
    return this.#options.mask(text.slice(0, MAX_LOOKED_AT_CHARACTERS)).text.replace(/\s+/g, " ").trim();
  }

  #nameOf([, rank, number]: ArtifactPlace): string {
    const source = this.#options.sources[rank];
    if (!source) throw new RangeError(`Cannot find source ${rank}`);
    return source.hasOnlyOne ? source.name : `${source.name}-${number}`;
  }
}

/** Whether an item comes after a place; for sources that have all of theirs at hand. */
export function isBehind(item: Pick<SourceItem, "atMs" | "number">, before: TimePlace): boolean {
  return item.atMs < before.atMs || (item.atMs === before.atMs && item.number < before.id);
}

function* walkSource(
  source: ArtifactSource,
  { sessionId, rank, kinds, cursor }: {
    sessionId: string;
    rank: number;
    kinds?: readonly ArtifactKind[];
    cursor: ArtifactPlace | undefined;
  },
): Generator<Found, undefined> {
  let before = placeIn(rank, cursor);
  for (;;) {
    const items = source.list(sessionId, { before, limit: BATCH, ...(kinds ? { kinds } : {}) });
    for (const item of items) {
      before = { atMs: item.atMs, id: item.number };
      yield { item, place: [item.atMs, rank, item.number] };
    }
    if (items.length < BATCH) return undefined;
  }
}

/** Where a source goes on: at the cursor's moment, a source behind the cursor's own still has all of its items. */
function placeIn(rank: number, cursor: ArtifactPlace | undefined): TimePlace {
  if (!cursor) return { atMs: Number.MAX_SAFE_INTEGER, id: 0 };
  const [atMs, cursorRank, number] = cursor;
  if (rank === cursorRank) return { atMs, id: number };
  return { atMs, id: rank > cursorRank ? Number.MAX_SAFE_INTEGER : 0 };
}

/** Whether `a` comes first; of equal times the earlier source's. */
function isBefore(a: Found, b: Found | undefined): boolean {
  return b === undefined || a.place[0] > b.place[0];
}

function viewOf(
  { number: _, ...item }: SourceItem,
  { id, line }: { id: string; line: string },
): ArtifactView {
  return {
    ...item,
    id,
    text: line.length > MAX_TEXT_CHARACTERS ? line.slice(0, MAX_TEXT_CHARACTERS) + "…" : line,
  };
}

/** Whether all words are there. */
function matches(text: string, q: string | undefined): boolean {
  if (q === undefined) return true;
  const all = text.toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

function parseId(id: string): { name: string; number: number | undefined } {
  const [, name = id, digits] = /^([a-z]+)-(\d{1,15})$/.exec(id) ?? [];
  return { name, number: digits === undefined ? undefined : Number(digits) };
}
