// The header of a session: what it is, how it is doing, and what can be done with it.

import { useSignal } from "@preact/signals";
import {
  CircleStop,
  Copy,
  Download,
  Ellipsis,
  FolderGit2,
  Pause,
  Pencil,
  Play,
  RotateCw,
  Trash2,
} from "lucide";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { SessionView } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatBytes, formatCount, formatPath, formatPlural } from "../format.ts";
import { MoneyLeft } from "../gate/MoneyLeft.tsx";
import { Button, IconButton } from "../parts/Button.tsx";
import { Totals } from "../parts/ChangeMarks.tsx";
import { Confirm, ConfirmButton } from "../parts/Confirm.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Link } from "../parts/Link.tsx";
import { Menu, type MenuItem } from "../parts/Menu.tsx";
import { KindIcon, StatusChip } from "../parts/SessionMarks.tsx";
import { Duration } from "../parts/Times.tsx";
import { canPause, hasTitle, isLive, NO_PAUSE, stopText } from "../session_status.ts";
import { BudgetEditor } from "./BudgetEditor.tsx";
import { EditableTitle } from "./EditableTitle.tsx";
import { ResumeActions } from "./ResumeActions.tsx";
import { hasUsageLine, Metering, SessionUsage } from "./SessionUsage.tsx";

export interface SessionHeaderProps {
  models: AppModels;
  session: SessionView;
}

export function SessionHeader({ models, session }: SessionHeaderProps): VNode {
  const { actions } = models;
  const renaming = useSignal(false);
  const deleting = useSignal(false);
  usePauseKey(models, session.id);
  return (
    <header class="session-header">
      <div class="session-line">
        <KindIcon kind={session.kind} size={18} />
        <EditableTitle
          session={session}
          editing={renaming}
          onSave={(title) => void actions.rename(session, title)}
        />
        {!renaming.value && (
          <IconButton
            icon={Pencil}
            label="Rename"
            testId="rename"
            onClick={() => {
              renaming.value = true;
            }}
          />
        )}
        <StatusChip session={session} />
        <Metering models={models} session={session} />
        <MoneyLeft session={session} />
        <div class="session-actions">
          {deleting.value
            ? (
              <Confirm
                question="Delete it and its recording?"
                action="Delete"
                testId="delete-confirm"
                onConfirm={() => void removeAndLeave(models, session)}
                onCancel={() => {
                  deleting.value = false;
                }}
              />
            )
            : <MainAction models={models} session={session} />}
          <Menu
            icon={Ellipsis}
            label="More actions"
            testId="session-menu"
            items={menuItems({ models, session, renaming, deleting })}
          />
        </div>
      </div>
      <SessionFacts models={models} session={session} />
      {session.activity === "needs_you" && session.question !== undefined && isLive(session) && (
        <p class="question" data-testid="session-question">{session.question}</p>
      )}
      <SessionUsage models={models} session={session} />
    </header>
  );
}

function usePauseKey({ commands, known, actions, toasts }: AppModels, id: string): void {
  useEffect(() =>
    commands.register("session-pause", () => {
      const session = known.byId.value.get(id);
      if (session === undefined || !isLive(session)) return;
      if (session.paused || canPause(session)) void actions.setPaused(session, !session.paused);
      else if (session.metering === "gate") toasts.show({ tone: "info", text: `Not paused: ${NO_PAUSE}` });
    }), [id]);
}

function MainAction({ models, session }: SessionHeaderProps): VNode {
  const { actions } = models;
  const busy = actions.busy.value.has(session.id);
  if (session.stop !== undefined) {
    return (
      <span class="stopping tone-amber" role="status" data-testid="stop-progress">
        {stopText(session.stop)}
      </span>
    );
  }
  if (isLive(session)) {
    return (
      <>
        {session.paused && (
          <Button
            variant="primary"
            icon={Play}
            disabled={busy}
            testId="continue"
            onClick={() => void actions.setPaused(session, false)}
          >
            Continue
          </Button>
        )}
        <ConfirmButton
          label="Stop"
          icon={CircleStop}
          question="Stop everything in it?"
          action="Stop"
          disabled={busy}
          testId="stop"
          onConfirm={() => void actions.stop(session)}
        />
      </>
    );
  }
  if (session.resume !== undefined) {
    return <ResumeActions models={models} session={session} resume={session.resume} />;
  }
  return (
    <Button
      icon={RotateCw}
      disabled={busy}
      testId="relaunch"
      onClick={() => void actions.relaunch(session)}
    >
      Launch again
    </Button>
  );
}

function SessionFacts({ models, session }: SessionHeaderProps): VNode {
  const { clock, fleet } = models;
  const { repository } = session;
  const home = fleet.status.value.value?.homeDirectory;
  return (
    <div class="session-facts">
      {session.resumedFrom !== undefined && (
        <Link
          to={{ name: "session", id: session.resumedFrom, tab: "terminal" }}
          router={models.router}
          class="text-link"
        >
          resumed
        </Link>
      )}
      {hasTitle(session) && <code class="session-command" title={session.command}>{session.command}</code>}
      <span class="session-place" title={session.cwd}>
        {repository && <Icon node={FolderGit2} size={14} />}
        {repository === undefined
          ? formatPath(session.cwd, home)
          : `${repository.name} · ${repository.branch ?? "detached HEAD"}`}
      </span>
      <Duration
        fromMs={session.startedAtMs ?? session.createdAtMs}
        toMs={session.endedAtMs ?? (isLive(session) ? undefined : session.createdAtMs)}
        clock={clock}
      />
      <span class="number session-recorded" title={`${formatCount(session.recordedBytes)} bytes recorded`}>
        {formatBytes(session.recordedBytes)} recorded
      </span>
      {session.changes !== undefined && session.changes.files > 0 && (
        <span title={isLive(session) ? "As of the last snapshot" : "Until its end"}>
          <Link
            to={{ name: "session", id: session.id, tab: "changes" }}
            router={models.router}
            class="session-changes"
            testId="session-changes"
          >
            <Totals totals={session.changes} /> {formatPlural(session.changes.files, "file")}
          </Link>
        </span>
      )}
      {isLive(session) && !hasUsageLine(session) && <BudgetEditor models={models} session={session} />}
    </div>
  );
}

function menuItems(
  { models, session, renaming, deleting }: SessionHeaderProps & {
    renaming: { value: boolean };
    deleting: { value: boolean };
  },
): MenuItem[] {
  const { actions, toasts } = models;
  const live = isLive(session);
  const copy = async (text: string, what: string): Promise<void> => {
    await navigator.clipboard.writeText(text);
    toasts.show({ tone: "success", text: `${what} copied` });
  };
  const { resume } = session;
  return [
    ...pauseItems({ models, session }),
    {
      label: "Rename",
      icon: Pencil,
      testId: "menu-rename",
      onSelect: () => {
        renaming.value = true;
      },
    },
    { label: "Copy command", icon: Copy, onSelect: () => void copy(session.command, "Command") },
    ...(resume === undefined ? [] : [{
      label: "Copy resume command",
      icon: Copy,
      testId: "menu-copy-resume",
      onSelect: () => void copy(resume.command, "Resume command"),
    }]),
    {
      label: "Download raw recording",
      icon: Download,
      testId: "menu-download",
      onSelect: () => void actions.download(session),
    },
    {
      label: live ? "Launch another one" : "Launch again",
      icon: RotateCw,
      onSelect: () => void actions.relaunch(session),
    },
    {
      label: live ? "Delete (stop it first)" : "Delete…",
      icon: Trash2,
      danger: true,
      disabled: live,
      testId: "menu-delete",
      onSelect: () => {
        deleting.value = true;
      },
    },
  ];
}

const NOT_WHILE_GATED: MenuItem = {
  label: "No pause: its answer would go on",
  title: `Not paused by hand: ${NO_PAUSE}. It is held at its limit instead`,
  icon: Pause,
  disabled: true,
  testId: "menu-no-pause",
  onSelect: () => {},
};

/** Everything in it stands still, or goes on. */
function pauseItems({ models: { actions }, session }: SessionHeaderProps): MenuItem[] {
  if (session.paused && isLive(session)) {
    return [{
      label: "Continue (P)",
      icon: Play,
      testId: "menu-continue",
      onSelect: () => void actions.setPaused(session, false),
    }];
  }
  if (!canPause(session)) return session.metering === "gate" && isLive(session) ? [NOT_WHILE_GATED] : [];
  return [{
    label: "Pause everything in it (P)",
    icon: Pause,
    testId: "menu-pause",
    onSelect: () => void actions.setPaused(session, true),
  }];
}

async function removeAndLeave(models: AppModels, session: SessionView): Promise<void> {
  if (await models.actions.remove(session)) models.router.go({ name: "fleet" });
}
