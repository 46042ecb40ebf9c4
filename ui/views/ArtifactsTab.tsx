// Everything a session left, newest first: a timeline by day that grows live, with a filter, a search and one thing open.

import { useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ArtifactView } from "../../server/protocol.ts";
import { debounce, saveFile } from "../app_models.ts";
import { formatCount } from "../format.ts";
import { ARTIFACT_FILTERS, type Artifacts, ArtifactsModel, groupByDay } from "../models/artifacts.ts";
import { Button } from "../parts/Button.tsx";
import { EmptyNote, ErrorNote, NotLoaded, SkeletonRows } from "../parts/Notes.tsx";
import { SearchBox } from "../parts/SearchBox.tsx";
import { isLive } from "../session_status.ts";
import { isCutOff } from "../socket.ts";
import { ArtifactRow } from "./ArtifactRow.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";
import { SummaryCard } from "./SummaryCard.tsx";

export function ArtifactsTab({ models, session }: SessionTabProps): VNode {
  const { api, router, socket, toasts } = models;
  const artifacts = useModel(() =>
    new ArtifactsModel({
      api: api.artifacts,
      sessionId: session.id,
      onMessage: (listener) => socket.onMessage(listener),
      debounce,
      saveFile,
      onError: (text) => toasts.show({ tone: "error", text }),
    })
  );
  const route = router.route.value;
  const linked = route.name === "session" && route.tab === "artifacts" ? route.artifact : undefined;
  useEffect(() => void artifacts.reload(), []);
  useEffect(() => void artifacts.setOpen(linked), [linked]);
  const offline = isCutOff(socket.connection.value);
  return (
    <div class={offline ? "artifacts artifacts-offline" : "artifacts"} data-testid="artifacts">
      <SummaryCard models={models} session={session} />
      <ArtifactsBar artifacts={artifacts} />
      {artifacts.error.value !== undefined && (
        <ErrorNote
          what={artifacts.loaded.value ? "The list was not loaded anew" : "The list was not loaded"}
          error={artifacts.error.value}
          onRetry={() => void artifacts.reload()}
        />
      )}
      <Timeline models={models} session={session} artifacts={artifacts} linked={linked} />
    </div>
  );
}

function ArtifactsBar({ artifacts }: { artifacts: Artifacts }): VNode {
  const count = artifacts.items.value.length;
  return (
    <div class="artifacts-bar">
      <SearchBox
        label="Search artifacts"
        placeholder="Search what it left"
        value={artifacts.q.value}
        testId="artifacts-search"
        onSearch={(text) => artifacts.search(text)}
      />
      <div class="artifacts-filters" role="group" aria-label="Show">
        {ARTIFACT_FILTERS.map(({ id, label }) => (
          <button
            key={id}
            type="button"
            class="artifacts-filter"
            aria-pressed={artifacts.filter.value === id}
            data-testid={`artifacts-${id}`}
            onClick={() => artifacts.setFilter(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <span class="muted number" role="status">
        {artifacts.loaded.value && `${formatCount(count)}${artifacts.hasMore.value ? "+" : ""}`}
        <span class="visually-hidden">artifacts listed</span>
      </span>
    </div>
  );
}

interface TimelineProps extends SessionTabProps {
  artifacts: Artifacts;
  /** The one the address names. */
  linked: string | undefined;
}

function Timeline(props: TimelineProps): VNode {
  const { models, artifacts, linked } = props;
  const list = useRef<HTMLDivElement>(null);
  const items = artifacts.items.value;
  const detail = artifacts.open.value?.detail;
  const isElsewhere = artifacts.loaded.value && linked !== undefined &&
    !items.some(({ id }) => id === linked);
  return (
    <div class="artifacts-timeline" ref={list} onKeyDown={(event) => moveFocus(event, list.current)}>
      {isElsewhere && (
        <section aria-labelledby="artifacts-linked">
          <h2 class="artifacts-day" id="artifacts-linked">From the address</h2>
          <LinkedArtifact {...props} item={detail?.id === linked ? detail : undefined} />
        </section>
      )}
      {groupByDay(items, models.clock.read()).map(({ label, items }) => (
        <section key={label} aria-label={label}>
          <h2 class="artifacts-day">{label}</h2>
          <ul class="artifacts-list">
            {items.map((item) => <Row key={item.id} {...props} item={item} />)}
          </ul>
        </section>
      ))}
      <TimelineEnd {...props} />
    </div>
  );
}

function Row({ models, session, artifacts, linked, item }: TimelineProps & { item: ArtifactView }): VNode {
  const toggle = (): void =>
    models.router.replace({
      name: "session",
      id: session.id,
      tab: "artifacts",
      ...(linked === item.id ? {} : { artifact: item.id }),
    });
  return (
    <ArtifactRow
      models={models}
      session={session}
      artifacts={artifacts}
      item={item}
      isOpen={linked === item.id}
      onToggle={toggle}
    />
  );
}

/** One that is not among what is listed: older, or filtered out. */
function LinkedArtifact(props: TimelineProps & { item: ArtifactView | undefined }): VNode {
  const { artifacts, item } = props;
  const error = artifacts.open.value?.error;
  if (item !== undefined) {
    return (
      <ul class="artifacts-list">
        <Row {...props} item={item} />
      </ul>
    );
  }
  return (
    <NotLoaded
      rows={1}
      what="It was not opened"
      error={error}
      onRetry={() => void artifacts.reopen({ show: false })}
    />
  );
}

/** Loads older things once it comes into view; says why there are none. */
function TimelineEnd({ artifacts, session }: TimelineProps): VNode | null {
  const end = useRef<HTMLDivElement>(null);
  const { hasMore, items, loaded, error } = artifacts;
  useEffect(() => {
    if (end.current === null || !hasMore.value) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void artifacts.loadMore();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasMore.value, items.value.length]);
  if (hasMore.value) {
    return (
      <div class="artifacts-more" ref={end}>
        <Button
          disabled={artifacts.loading.value}
          testId="artifacts-more"
          onClick={() => void artifacts.loadMore()}
        >
          Show older
        </Button>
      </div>
    );
  }
  if (items.value.length > 0) return null;
  if (!loaded.value || artifacts.loading.value) return <SkeletonRows count={8} />;
  if (error.value !== undefined) return null;
  if (artifacts.isFiltering.value) {
    return <EmptyNote title="Nothing matches">Another word or another kind may find it.</EmptyNote>;
  }
  return (
    <EmptyNote title="Nothing yet">
      {isLive(session)
        ? "Snapshots, what you type, budget warnings, notices of the program and its end appear here as they come."
        : "This session left nothing besides its terminal."}
    </EmptyNote>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
};

/** From row to row; inside of what is open, keys are the browser's. Escape closes and goes back to its row. */
function moveFocus(event: KeyboardEvent, list: HTMLElement | null): void {
  const { target, key } = event;
  if (list === null || !(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (key === "Escape") {
    const head = list.querySelector<HTMLElement>('.artifact-head[aria-expanded="true"]');
    if (head === null) return;
    event.preventDefault();
    head.click();
    head.focus();
    return;
  }
  const by = STEPS[key];
  if (by === undefined || !target.matches(".artifact-head")) return;
  event.preventDefault();
  const heads = [...list.querySelectorAll<HTMLElement>(".artifact-head")];
  const at = heads.indexOf(target) + by;
  heads[Math.max(0, Math.min(heads.length - 1, at))]?.focus();
}
