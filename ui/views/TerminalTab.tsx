// A session's terminal: live at the right end of the scrubber, the recording everywhere else.

import { useComputed, useModel } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type AppModels, startTimer } from "../app_models.ts";
import { type Scrub, ScrubModel } from "../models/scrub.ts";
import { TerminalModel, type TerminalState } from "../models/terminal.ts";
import { EmptyNote } from "../parts/Notes.tsx";
import { isLive } from "../session_status.ts";
import { isCutOff } from "../socket.ts";
import { Composer } from "../terminal/Composer.tsx";
import { LivePane } from "../terminal/LivePane.tsx";
import { ReplayPlayer } from "../terminal/replay_player.ts";
import { ReplayPane } from "../terminal/ReplayPane.tsx";
import { Scrubber, scrubKey } from "../terminal/Scrubber.tsx";
import { SearchBar } from "../terminal/SearchBar.tsx";
import { TerminalNotices } from "../terminal/TerminalNotices.tsx";
import { TerminalTools } from "../terminal/TerminalTools.tsx";
import type { SessionTabProps } from "./session_tab_props.ts";

const REMEMBER_AFTER_MS = 400;

export function TerminalTab({ models, session }: SessionTabProps): VNode {
  const { state, player, scrub } = useTerminal(models, session.id);
  const [startedLive] = useState(() => isLive(session));
  useTerminalCommands(models, state);
  if (session.endReason === "spawn_failed") {
    return (
      <EmptyNote title="It did not start">
        {session.failure ?? "The program could not be started."}
      </EmptyNote>
    );
  }
  const offline = isCutOff(models.socket.connection.value);
  // Nobody holds its terminal before it runs.
  const isStarting = session.lifecycle === "starting";
  const canType = isLive(session) && !isStarting && state.mode.value === "live";
  return (
    <div
      class={isLive(session) && state.mode.value === "replay" ? "terminal-tab terminal-past" : "terminal-tab"}
      data-mode={state.mode.value}
      data-testid="terminal-tab"
    >
      <div class="terminal-stage">
        {isStarting && (
          <EmptyNote title="Starting">
            {session.repository && "The state of its repository is kept first, for 2 s at most."}
          </EmptyNote>
        )}
        {startedLive && !isStarting && <LivePane models={models} state={state} sessionId={session.id} />}
        {state.mode.value === "replay" && (
          <ReplayPane
            player={player}
            state={state}
            settings={models.settings}
            onKeyDown={(event) => scrubKey(event, scrub)}
          />
        )}
        <SearchBar state={state} />
        <TerminalNotices
          state={state}
          scrub={scrub}
          player={player}
          offline={offline}
          isRecorded={models.recordingPause.reason.value === undefined}
        />
      </div>
      {canType && state.composerOpen.value && <Composer state={state} offline={offline} />}
      <div class="terminal-bar">
        <Scrubber player={player} scrub={scrub} session={session} clock={models.clock} offline={offline} />
        <TerminalTools models={models} state={state} session={session} canType={canType} />
      </div>
    </div>
  );
}

/** Builds what the tab consists of, and takes it apart with the tab. */
function useTerminal(
  models: AppModels,
  sessionId: string,
): { state: TerminalState; player: ReplayPlayer; scrub: Scrub } {
  const { api, router, known } = models;
  const session = useComputed(() => known.byId.value.get(sessionId));
  const state = useModel(() =>
    new TerminalModel({
      onShown: (terminal) => {
        models.shownTerminal.value = terminal;
      },
      startTimer,
    })
  );
  const [player] = useState(() =>
    new ReplayPlayer({
      api: api.recordings,
      sessionId,
      frames: {
        request: (callback) => requestAnimationFrame(callback),
        cancel: (request) => cancelAnimationFrame(request),
      },
      onEnd: () => scrub.onEnd(),
    })
  );
  const scrub = useModel(() =>
    new ScrubModel({
      player,
      terminal: state,
      session,
      rememberPlace: (at) => {
        const route = router.route.peek();
        if (route.name !== "session" || route.id !== sessionId || route.tab !== "terminal") return;
        router.replace({
          name: "session",
          id: sessionId,
          tab: "terminal",
          ...(at === undefined ? {} : { at }),
        });
      },
      debounce: (callback) => startTimer(REMEMBER_AFTER_MS, callback),
    })
  );
  useEffect(() => {
    const route = router.route.peek();
    void scrub.open(route.name === "session" ? route.at : undefined);
    return () => player.close();
  }, []);
  return { state, player, scrub };
}

function useTerminalCommands(models: AppModels, state: TerminalState): void {
  const { commands } = models;
  useEffect(() => {
    const undo = [
      commands.register("terminal-search", () => state.openSearch()),
      commands.register("terminal-composer", () => {
        state.composerOpen.value = !state.composerOpen.value;
      }),
      commands.register("terminal-leave", () => {
        document.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
      }),
    ];
    return () => undo.forEach((each) => each());
  }, []);
}
