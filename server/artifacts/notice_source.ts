// What the user was told about a session, as artifacts. Budgets have events of their own.
import type { ArtifactKind, Notice } from "../protocol.ts";
import type { NoticeTable } from "../store/notices.ts";
import type { ArtifactSource, SourceDetail, SourceItem, SourceWish } from "./artifact_list.ts";

const TOLD_BY_EVENTS: readonly Notice["kind"][] = ["budget_warning", "budget_stop", "budget_hold"];

export class NoticeSource implements ArtifactSource {
  readonly name = "notice";
  readonly kinds: readonly ArtifactKind[] = ["notice"];
  readonly #notices: NoticeTable;

  constructor(notices: NoticeTable) {
    this.#notices = notices;
  }

  list(sessionId: string, { before, limit }: SourceWish): SourceItem[] {
    return this.#notices.listByTime(sessionId, { before, limit, without: TOLD_BY_EVENTS }).map(viewNotice);
  }

  get(sessionId: string, number: number): SourceDetail | undefined {
    const notice = this.#notices.get(sessionId, number);
    return notice && { ...viewNotice(notice), content: notice.text, facts: [] };
  }
}

function viewNotice({ id, atMs, title, text }: Notice): SourceItem {
  return { number: id, kind: "notice", atMs, title, text };
}
