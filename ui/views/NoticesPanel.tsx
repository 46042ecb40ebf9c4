// The bell of the rail: how many notices are unseen, and behind it what happened, newest first.

import {
  Bell,
  CircleAlert,
  CircleHelp,
  CirclePause,
  CircleStop,
  HardDrive,
  Tag,
  TriangleAlert,
} from "lucide";
import type { VNode } from "preact";
import type { Notice } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPlural } from "../format.ts";
import type { Notices } from "../models/notices.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { EmptyNote, ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { Popover } from "../parts/Popover.tsx";
import { Age } from "../parts/Times.tsx";

const KINDS = {
  budget_warning: { icon: CircleAlert, tone: "amber" },
  budget_stop: { icon: CircleStop, tone: "red" },
  budget_hold: { icon: CirclePause, tone: "violet" },
  ungated: { icon: TriangleAlert, tone: "amber" },
  needs_you: { icon: CircleHelp, tone: "amber" },
  prices: { icon: Tag, tone: "neutral" },
  recordings: { icon: HardDrive, tone: "red" },
};

export function NoticesBell({ models }: { models: AppModels }): VNode {
  const { notices } = models;
  const unseen = notices.unseen.value;
  const label = unseen === 0 ? "Notices" : formatPlural(unseen, "new notice");
  return (
    <Popover
      label="Notices"
      buttonClass="rail-item"
      testId="notices"
      onOpen={() => {
        if (!notices.loaded.value) void notices.load();
      }}
      button={
        <>
          <Icon node={Bell} size={18} />
          {unseen > 0 && (
            <span class="rail-badge number" data-testid="notices-badge" aria-hidden="true">
              {unseen > 99 ? "99+" : unseen}
            </span>
          )}
          <span class="visually-hidden">{label}</span>
          <span class="rail-tip" aria-hidden="true">{label}</span>
        </>
      }
    >
      {(close) => <NoticeList models={models} onFollow={close} />}
    </Popover>
  );
}

function NoticeList({ models, onFollow }: { models: AppModels; onFollow(): void }): VNode {
  const { notices } = models;
  const items = notices.items.value;
  return (
    <div class="notice-list" data-testid="notice-list">
      <div class="notice-head">
        <h2>Notices</h2>
        {notices.unseen.value > 0 && (
          <Button
            variant="ghost"
            testId="notices-seen"
            onClick={() => void notices.markSeen()}
          >
            Mark all as seen
          </Button>
        )}
      </div>
      {items.length > 0
        ? (
          <ul>
            {items.map((notice) => (
              <NoticeRow key={notice.id} notice={notice} models={models} onFollow={onFollow} />
            ))}
          </ul>
        )
        : <NoNotices notices={notices} />}
      {notices.hasMore.value && <Button onClick={() => void notices.loadMore()}>Show older</Button>}
    </div>
  );
}

function NoticeRow(
  { notice, models, onFollow }: { notice: Notice; models: AppModels; onFollow(): void },
): VNode {
  const { icon, tone } = KINDS[notice.kind];
  return (
    <li
      class={notice.seen ? "notice-row" : "notice-row notice-new"}
      data-testid="notice-row"
      data-kind={notice.kind}
    >
      <span class={`tone-text tone-${tone}`}>
        <Icon node={icon} />
      </span>
      <div class="notice-words">
        <strong>{notice.title}</strong>
        <span>{notice.text}</span>
        {notice.sessionId !== undefined && (
          <Link
            to={{ name: "session", id: notice.sessionId, tab: "terminal" }}
            router={models.router}
            class="text-link"
            onFollow={onFollow}
          >
            Show the session
          </Link>
        )}
      </div>
      <span class="muted">
        {!notice.seen && <span class="visually-hidden">new,</span>}
        <Age atMs={notice.atMs} clock={models.clock} />
      </span>
    </li>
  );
}

function NoNotices({ notices }: { notices: Notices }): VNode {
  if (notices.error.value !== undefined) {
    return (
      <ErrorNote
        what="The notices were not loaded"
        error={notices.error.value}
        onRetry={() => void notices.load()}
      />
    );
  }
  if (!notices.loaded.value) return <SkeletonRows count={3} />;
  return (
    <EmptyNote title="Nothing to report">
      Budget warnings, stops and questions of agents are kept here, also those of the night.
    </EmptyNote>
  );
}
