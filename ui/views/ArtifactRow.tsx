// One thing a session left: a line of the timeline, and under it, when open, its content and what can be done with it.

import {
  Bell,
  CircleStop,
  Clipboard,
  Copy,
  Download,
  Eye,
  EyeOff,
  Flag,
  GitCommitHorizontal,
  type IconNode,
  Info,
  Keyboard,
  Play,
  Sparkles,
  Undo2,
  Wallet,
} from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ArtifactDetail, ArtifactKind, ArtifactView } from "../../server/protocol.ts";
import { saveFile } from "../app_models.ts";
import { errorMessage } from "../api/api_error.ts";
import { formatExact, formatPlural, formatTimeOfDay } from "../format.ts";
import type { Artifacts, OpenArtifact } from "../models/artifacts.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { ErrorNote, SkeletonRows } from "../parts/Notes.tsx";
import { isLive, type Tone } from "../session_status.ts";
import { ResumeActions } from "./ResumeActions.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";

const KINDS: Record<ArtifactKind, { icon: IconNode; tone: Tone; name: string }> = {
  resume: { icon: Play, tone: "green", name: "Resume command" },
  snapshot: { icon: GitCommitHorizontal, tone: "green", name: "Git snapshot" },
  summary: { icon: Sparkles, tone: "violet", name: "Summary" },
  revert: { icon: Undo2, tone: "violet", name: "Revert" },
  budget: { icon: Wallet, tone: "amber", name: "Budget" },
  end: { icon: CircleStop, tone: "red", name: "Stop or exit" },
  input: { icon: Keyboard, tone: "neutral", name: "Typed" },
  notification: { icon: Bell, tone: "amber", name: "Notification of the program" },
  clipboard: { icon: Clipboard, tone: "neutral", name: "Clipboard write of the program" },
  notice: { icon: Info, tone: "amber", name: "Notice" },
  marker: { icon: Flag, tone: "neutral", name: "Event" },
};

export interface ArtifactRowProps extends SessionTabProps {
  artifacts: Artifacts;
  item: ArtifactView;
  isOpen: boolean;
  onToggle(): void;
}

export function ArtifactRow(props: ArtifactRowProps): VNode {
  const { item, isOpen, onToggle, artifacts } = props;
  const { icon, tone, name } = KINDS[item.kind];
  const row = useRef<HTMLLIElement>(null);
  const open = isOpen ? artifacts.open.value : undefined;
  const isLoaded = open?.detail !== undefined;
  useEffect(() => {
    if (isLoaded) row.current?.scrollIntoView({ block: "nearest" });
  }, [isLoaded]);
  return (
    <li
      ref={row}
      class={`artifact tone-${tone}`}
      data-testid="artifact"
      data-artifact={item.id}
      data-kind={item.kind}
    >
      <button
        type="button"
        class="artifact-head"
        aria-expanded={isOpen}
        aria-controls={isOpen ? `content-${item.id}` : undefined}
        onClick={onToggle}
      >
        <span class="artifact-icon" title={name}>
          <Icon node={icon} size={14} />
          <span class="visually-hidden">{name}:</span>
        </span>
        <span class="artifact-title">{item.title}</span>
        <span class="artifact-text">{item.text}</span>
        <time
          class="number muted"
          dateTime={new Date(item.atMs).toISOString()}
          title={formatExact(item.atMs)}
        >
          {formatTimeOfDay(item.atMs, item.atMs)}
        </time>
      </button>
      {open?.id === item.id && <OpenPart {...props} open={open} />}
    </li>
  );
}

function OpenPart(props: ArtifactRowProps & { open: OpenArtifact }): VNode {
  const { artifacts, item, open } = props;
  return (
    <div class="artifact-open" id={`content-${item.id}`} role="region" aria-label={item.title}>
      {open.error !== undefined && (
        <ErrorNote
          what="It was not opened"
          error={open.error}
          onRetry={() => void artifacts.reopen({ show: open.shown })}
        />
      )}
      {open.detail !== undefined && <Content {...props} detail={open.detail} />}
      {open.detail === undefined && open.error === undefined && <SkeletonRows count={2} />}
    </div>
  );
}

function Content(props: ArtifactRowProps & { open: OpenArtifact; detail: ArtifactDetail }): VNode {
  const { artifacts, open, detail, models, session } = props;
  return (
    <>
      {detail.content !== "" && (
        <pre
          class="artifact-content"
          tabIndex={0}
          role="group"
          aria-label="Content"
          data-testid="artifact-content"
        >
          {detail.content}
        </pre>
      )}
      {detail.facts.length > 0 && (
        <dl class="facts">
          {detail.facts.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {detail.secrets > 0 && (
        <p class="artifact-secrets">
          {formatPlural(detail.secrets, "secret")} {open.shown ? "shown" : "masked"}
          <Button
            icon={open.shown ? EyeOff : Eye}
            testId="artifact-secrets"
            onClick={() => void artifacts.reopen({ show: !open.shown })}
          >
            {open.shown ? "Mask" : "Show"}
          </Button>
        </p>
      )}
      {detail.kind === "resume" && session.resume && !isLive(session) && (
        <ResumeActions models={models} session={session} resume={session.resume} />
      )}
      <Actions {...props} />
    </>
  );
}

function Actions(
  { models, session, artifacts, detail }: ArtifactRowProps & { detail: ArtifactDetail },
): VNode {
  const { router, toasts } = models;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(detail.content);
    toasts.show({ tone: "success", text: "Copied" });
  };
  return (
    <div class="artifact-actions">
      {detail.content !== "" && (
        <Button icon={Copy} testId="artifact-copy" onClick={() => void copy()}>Copy</Button>
      )}
      {(["text", "json"] as const).map((format) => (
        <Button
          key={format}
          icon={Download}
          title={`Download as ${format === "json" ? "JSON" : "text"}`}
          testId={`artifact-download-${format}`}
          onClick={() => void artifacts.download(format)}
        >
          {format === "json" ? "JSON" : "Text"}
        </Button>
      ))}
      {detail.snapshot?.state === "taken" && (
        <SnapshotActions models={models} session={session} detail={detail} />
      )}
      {detail.offset !== undefined && session.recordedBytes > 0 && (
        <Link
          to={{ name: "session", id: session.id, tab: "terminal", at: detail.offset }}
          router={router}
          class="text-link"
          testId="artifact-terminal"
        >
          Show in the terminal at this moment
        </Link>
      )}
    </div>
  );
}

/** What changed is shown and patched where changes are. */
function SnapshotActions({ models, session, detail }: SessionTabProps & { detail: ArtifactDetail }): VNode {
  const { snapshot } = detail;
  const hasPatch = (snapshot?.totals?.files ?? 0) > 0;
  const download = async (): Promise<void> => {
    try {
      saveFile(
        `${detail.id}-${session.id}.patch`,
        await models.api.changes.getPatch(session.id, { to: snapshot?.id }),
      );
    } catch (thrown) {
      models.toasts.show({ tone: "error", text: `The patch was not downloaded: ${errorMessage(thrown)}` });
    }
  };
  return (
    <>
      {hasPatch && (
        <Button icon={Download} testId="artifact-patch" onClick={() => void download()}>Patch</Button>
      )}
      <Link
        to={{
          name: "session",
          id: session.id,
          tab: "changes",
          ...(snapshot === undefined ? {} : { changes: { to: snapshot.id } }),
        }}
        router={models.router}
        class="text-link"
        testId="artifact-changes"
      >
        Show the changes up to here
      </Link>
    </>
  );
}
