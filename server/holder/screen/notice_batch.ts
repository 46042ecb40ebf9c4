// Puts the notices of one stretch of output together, so that a flood of them stays small.
import type { Notice } from "./notices.ts";

/** Notices per stretch besides bell, title and buffer switches; further ones are only counted. */
const MAX_OTHERS = 32;

/** Of these only the last of a stretch says anything. */
const LATEST_ONLY = new Set<Notice["type"]>(["title", "alternate_screen"]);

export class NoticeBatch {
  #notices: Notice[] = [];
  #others = 0;
  #dropped: { count: number; offset: number } | undefined;

  add(notice: Notice): void {
    const same = this.#notices.findIndex((each) => each.type === notice.type);
    if (notice.type === "bell") {
      if (same < 0) this.#notices.push(notice);
    } else if (LATEST_ONLY.has(notice.type)) {
      if (same >= 0) this.#notices.splice(same, 1);
      this.#notices.push(notice);
    } else if (this.#others < MAX_OTHERS) {
      this.#others++;
      this.#notices.push(notice);
    } else {
      this.#dropped = { count: (this.#dropped?.count ?? 0) + 1, offset: notice.offset };
    }
  }

  /** Everything since the last call, in order. */
  take(): Notice[] {
    const taken = this.#notices;
    if (this.#dropped) taken.push({ type: "dropped", ...this.#dropped });
    this.#dropped = undefined;
    this.#notices = [];
    this.#others = 0;
    return taken;
  }
}
