// What of the long page of diffs is on screen: which rows are drawn, where a jump goes, what stays in place when heights
// above change.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { FileChange } from "../../server/protocol.ts";
import { changeAt, rowAt, rowOfLine } from "./diff_layout.ts";
import {
  type DiffStack,
  HEAD_PX,
  indexAt,
  itemsBetween,
  NOTE_PX,
  ROW_PX,
  rowsBetween,
  stackFiles,
  stackHeight,
  topOf,
} from "./diff_stack.ts";
import type { FileDiffs } from "./file_diffs.ts";

export interface DiffViewportOptions {
  files: ReadonlySignal<readonly FileChange[]>;
  diffs: Pick<FileDiffs, "version" | "body" | "shown" | "rows">;
  /** Reads signals. */
  isOpen(file: FileChange): boolean;
}

/** A file of which something is drawn. */
export interface DrawnFile {
  file: FileChange;
  top: number;
  bodyPx: number;
  start: number;
  end: number;
}

/** A change that the keyboard is at. */
export interface ChangeCursor {
  id: string;
  change: number;
}

/** What stays where it is on screen: a line of a file, or a place in it. */
interface Anchor {
  id: string;
  offsetPx: number;
  line: number | undefined;
}

/** Rows drawn anew at once while scrolling. */
const STEP_ROWS = 16;

export class DiffViewport {
  readonly #options: DiffViewportOptions;
  readonly #view = signal({ top: 0, height: 600 });
  #anchor: Anchor | undefined;
  /** A jump that waits for its file, or for room below it. */
  #target: { id: string; change: "first" | "last" | "none" } | undefined;
  /** The file that was jumped to counts as the current one until the page is scrolled. */
  readonly #chosen = signal<{ id: string; top: number } | undefined>(undefined);

  readonly stack: ReadonlySignal<DiffStack>;
  /** Changes only when other rows are to be drawn. */
  readonly drawn: ReadonlySignal<readonly DrawnFile[]>;
  /** The file that was jumped to, else the one at the upper edge. */
  readonly currentId: ReadonlySignal<string | undefined>;
  readonly cursor = signal<ChangeCursor | undefined>(undefined);

  constructor(options: DiffViewportOptions) {
    this.#options = options;
    this.stack = computed(() => this.#measureStack());
    const drawnKey = computed(() => JSON.stringify(this.#measureDrawn()));
    this.drawn = computed(() => this.#parseDrawn(drawnKey.value));
    this.currentId = computed(() => {
      const stack = this.stack.value;
      const { top } = this.#view.value;
      const chosen = this.#chosen.value;
      if (chosen !== undefined && Math.abs(chosen.top - top) < 2) return chosen.id;
      return stack.items[indexAt(stack, top + 1)]?.id;
    });
  }

  get top(): number {
    return this.#view.peek().top;
  }

  get heightOfAll(): number {
    return stackHeight(this.stack.value);
  }

  /** Takes note of where the user is. */
  scrolled(view: { top: number; height: number }): void {
    this.#view.value = view;
    this.#anchor = this.#anchorAt(view.top);
  }

  /** Where to scroll to so that everything seems to stay, or a jump gets where it was going. */
  settle(): number | undefined {
    const jump = this.#arriveAtTarget();
    if (jump !== undefined) return jump;
    const anchor = this.#anchor;
    const top = anchor === undefined ? undefined : topOf(this.stack.value, anchor.id);
    if (anchor === undefined || top === undefined) return undefined;
    return Math.max(0, top + this.#offsetOf(anchor));
  }

  /** Where a file begins; its head comes to lie at the upper edge. */
  jumpToFile(id: string): number | undefined {
    this.cursor.value = undefined;
    this.#target = { id, change: "none" };
    return this.#goToHead(id);
  }

  /** Where the next or previous change is, over the borders of files. */
  jumpToChange(by: 1 | -1): number | undefined {
    const at = this.#currentChange();
    if (at === undefined) return undefined;
    const changes = this.#options.diffs.shown(at.id)?.layout.changes.length ?? 0;
    const next = at.change + by;
    if (this.#isOpenId(at.id) && next >= 0 && next < changes) {
      return this.#goToChange({ id: at.id, change: next });
    }
    const files = this.#options.files.value;
    const neighbour = files[files.findIndex(({ id }) => id === at.id) + by];
    return neighbour === undefined ? undefined : this.#enter(neighbour, by === 1 ? "first" : "last");
  }

  /** The user goes elsewhere by hand. */
  leaveTarget(): void {
    this.#target = undefined;
  }

  #enter(file: FileChange, change: "first" | "last"): number | undefined {
    const shown = this.#options.diffs.shown(file.id);
    if (shown !== undefined && this.#isOpenId(file.id)) {
      return this.#goToChange({
        id: file.id,
        change: change === "first" ? 0 : shown.layout.changes.length - 1,
      });
    }
    this.cursor.value = { id: file.id, change: change === "first" ? -1 : 0 };
    const isComing = this.#options.diffs.body(file.id).state === "waiting" && this.#isOpenId(file.id);
    this.#target = { id: file.id, change: isComing ? change : "none" };
    return this.#goToHead(file.id);
  }

  #goToHead(id: string): number | undefined {
    const top = this.#go(topOf(this.stack.value, id));
    this.#chosen.value = top === undefined ? undefined : { id, top };
    return top;
  }

  #arriveAtTarget(): number | undefined {
    const target = this.#target;
    if (target === undefined) return undefined;
    const shown = this.#options.diffs.shown(target.id);
    if (target.change === "none" || shown === undefined) return this.#stayAtHead(target.id);
    this.#target = undefined;
    const last = shown.layout.changes.length - 1;
    return this.#goToChange({ id: target.id, change: target.change === "first" ? 0 : last });
  }

  /** Until the file is there and lies where it should: what is loaded above or below may move it. */
  #stayAtHead(id: string): number | undefined {
    const wanted = topOf(this.stack.value, id);
    const isThere = this.#options.diffs.body(id).state !== "waiting" || !this.#isOpenId(id);
    const top = this.#goToHead(id);
    if (isThere && top === wanted && this.#target?.change === "none") this.#target = undefined;
    return top;
  }

  #goToChange(cursor: ChangeCursor): number | undefined {
    const row = this.#options.diffs.shown(cursor.id)?.layout.changes[cursor.change];
    const top = topOf(this.stack.value, cursor.id);
    this.cursor.value = cursor;
    if (top === undefined) return undefined;
    if (row === undefined) return this.#go(top);
    const above = Math.max(HEAD_PX + ROW_PX, this.#view.value.height / 4);
    return this.#go(Math.max(top, top + HEAD_PX + row * ROW_PX - above));
  }

  #go(top: number | undefined): number | undefined {
    if (top === undefined) return undefined;
    const most = Math.max(0, this.heightOfAll - this.#view.value.height);
    const reached = Math.min(top, most);
    this.#anchor = this.#anchorAt(reached);
    return reached;
  }

  /** The cursor while it is in view, else the change at the upper edge. */
  #currentChange(): ChangeCursor | undefined {
    const cursor = this.cursor.value;
    if (cursor !== undefined && this.#isInView(cursor)) return cursor;
    const id = this.currentId.value;
    if (id === undefined) return undefined;
    const layout = this.#options.diffs.shown(id)?.layout;
    const offset = this.#view.value.top - (topOf(this.stack.value, id) ?? 0);
    if (layout === undefined || offset <= 0) return { id, change: -1 };
    return { id, change: changeAt(layout, Math.floor(offset / ROW_PX)) };
  }

  #isInView({ id, change }: ChangeCursor): boolean {
    const top = topOf(this.stack.value, id);
    if (top === undefined) return false;
    const row = this.#options.diffs.shown(id)?.layout.changes[change];
    const y = top + (row === undefined ? 0 : HEAD_PX + row * ROW_PX);
    const view = this.#view.value;
    return y >= view.top - 1 && y <= view.top + view.height;
  }

  #isOpenId(id: string): boolean {
    const file = this.#options.files.value.find((each) => each.id === id);
    return file !== undefined && this.#options.isOpen(file);
  }

  #measureStack(): DiffStack {
    const { files, diffs, isOpen } = this.#options;
    void diffs.version.value;
    return stackFiles(files.value.map((file) => ({
      id: file.id,
      bodyPx: isOpen(file) ? this.#bodyPx(file) : 0,
    })));
  }

  #bodyPx(file: FileChange): number {
    const { state } = this.#options.diffs.body(file.id);
    if (state === "failed" || state === "summary" || file.kind !== "text" && state === "waiting") {
      return NOTE_PX;
    }
    const rows = this.#options.diffs.rows(file);
    return rows === 0 ? NOTE_PX : rows * ROW_PX;
  }

  #measureDrawn(): [index: number, top: number, bodyPx: number, start: number, end: number][] {
    const { top, height } = this.#view.value;
    return itemsBetween(this.stack.value, { from: top - height, to: top + 2 * height })
      .map(({ index, item, top: itemTop }) => {
        const from = top - itemTop - HEAD_PX;
        const rows = Math.ceil(item.bodyPx / ROW_PX);
        const { start, end } = rowsBetween(rows, { from, to: from + height, step: STEP_ROWS });
        return [index, itemTop, item.bodyPx, start, end];
      });
  }

  #parseDrawn(key: string): DrawnFile[] {
    const files = this.#options.files.value;
    return (JSON.parse(key) as [number, number, number, number, number][])
      .flatMap(([index, top, bodyPx, start, end]) => {
        const file = files[index];
        return file === undefined ? [] : [{ file, top, bodyPx, start, end }];
      });
  }

  #anchorAt(top: number): Anchor | undefined {
    const stack = this.stack.peek();
    const index = indexAt(stack, top);
    const id = stack.items[index]?.id;
    if (id === undefined) return undefined;
    const offsetPx = top - (stack.tops[index] ?? 0);
    const layout = this.#options.diffs.shown(id)?.layout;
    const row = layout === undefined ? undefined : rowAt(layout, Math.floor(offsetPx / ROW_PX));
    const line = row === undefined || row.kind === "gap" ? undefined : row.new;
    return { id, offsetPx, line: offsetPx <= 0 ? undefined : line };
  }

  /** The row under the sticky head stays, which is as high as the head that scrolls away. */
  #offsetOf({ id, offsetPx, line }: Anchor): number {
    const layout = this.#options.diffs.shown(id)?.layout;
    if (line !== undefined && layout !== undefined) {
      return rowOfLine(layout, line) * ROW_PX + offsetPx % ROW_PX;
    }
    const stack = this.stack.value;
    const index = stack.items.findIndex((item) => item.id === id);
    return Math.min(offsetPx, HEAD_PX + (stack.items[index]?.bodyPx ?? 0));
  }
}
