// The form of a new session: what is typed, what the server says about it, and the launch itself.

import { computed, createModel, effect, signal } from "@preact/signals";
import type { DirectorySuggestion, LaunchCheck, LaunchRequest, SessionView } from "../../server/protocol.ts";
import { ApiError, errorMessage, isAbort } from "../api/api_error.ts";
import type { SessionCalls } from "../api/sessions.ts";
import { createLaunchExtras } from "./launch_extras.ts";

export interface LaunchOptions {
  api: Pick<SessionCalls, "checkLaunch" | "listDirectories" | "createSession">;
  /** Waits a little while the user types; returns the function that gives it up. */
  debounce(callback: () => void): () => void;
  onLaunched(session: SessionView): void;
}

export type LaunchField = "cwd" | "command" | "title";

/** A failure, placed at the field that caused it or at the form. */
export interface LaunchError {
  field: LaunchField | "form";
  message: string;
}

const FIELDS: readonly string[] = ["cwd", "command", "title"];

export const LaunchModel = createModel((options: LaunchOptions) => {
  const cwd = signal("");
  const command = signal("");
  const title = signal("");
  const check = signal<LaunchCheck | undefined>(undefined);
  const suggestions = signal<readonly DirectorySuggestion[]>([]);
  const error = signal<LaunchError | undefined>(undefined);
  const launching = signal(false);
  const extras = createLaunchExtras(check);

  effect(() => {
    const input = { cwd: cwd.value.trim(), command: command.value.trim() };
    if (input.cwd === "" && input.command === "") return;
    return latest(options, async (abort) => {
      check.value = await options.api.checkLaunch(input, abort);
    });
  });
  effect(() => {
    const prefix = cwd.value;
    if (!prefix.startsWith("/") && !prefix.startsWith("~")) {
      suggestions.value = [];
      return;
    }
    return latest(options, async (abort) => {
      suggestions.value = await options.api.listDirectories(prefix, abort);
    });
  });

  async function launch(request: LaunchRequest): Promise<void> {
    if (launching.value) return;
    launching.value = true;
    error.value = undefined;
    try {
      options.onLaunched(await options.api.createSession(request));
      title.value = "";
      extras.reset();
    } catch (thrown) {
      error.value = placeError(thrown);
    } finally {
      launching.value = false;
    }
  }

  return {
    cwd,
    command,
    title,
    check,
    suggestions,
    error,
    launching,
    /** A repository's state is kept before the program starts. */
    inRepository: computed(() => {
      const cwd = check.value?.cwd;
      return cwd?.ok === true && cwd.repository !== undefined;
    }),
    /** Budget and additions. */
    extras,
    /** Not while the path can still be completed: half a path is no mistake. */
    cwdProblem: computed(() =>
      fieldProblem("cwd", error.value) ??
        (suggestions.value.length > 0 ? undefined : checkedCwdProblem(check.value, cwd.value))
    ),
    commandProblem: computed(() =>
      fieldProblem("command", error.value) ??
        (command.value.trim() === "" ? undefined : check.value?.command.problem)
    ),
    canLaunch: computed(() => cwd.value.trim() !== "" && command.value.trim() !== "" && !launching.value),
    /** Changes a field; a failure shown at it goes away. */
    setField(field: LaunchField, text: string): void {
      ({ cwd, command, title })[field].value = text;
      error.value = undefined;
    },
    /** Launches what is in the form. */
    async submit(): Promise<void> {
      const missing = missingField(cwd.value, command.value);
      if (missing !== undefined) {
        error.value = missing;
        return;
      }
      const { problems, upstreamProblem } = extras;
      if ((problems.usd.value ?? problems.tokens.value ?? upstreamProblem.value) !== undefined) return;
      const name = title.value.trim();
      const request = { cwd: cwd.value.trim(), command: command.value.trim(), ...extras.request() };
      await launch(name === "" ? request : { ...request, title: name });
    },
    /** Launches something as it was launched before. */
    launch,
  };
});

export type LaunchForm = InstanceType<typeof LaunchModel>;

/** Runs a lookup after the debounce and aborts it when its input has changed. Lookups only advise: failures stay silent. */
function latest(options: LaunchOptions, work: (signal: AbortSignal) => Promise<void>): () => void {
  const abort = new AbortController();
  const giveUp = options.debounce(() => {
    work(abort.signal).catch((thrown) => {
      if (!isAbort(thrown) && !(thrown instanceof ApiError)) throw thrown;
    });
  });
  return () => {
    giveUp();
    abort.abort();
  };
}

function missingField(cwd: string, command: string): LaunchError | undefined {
  if (cwd.trim() === "") return { field: "cwd", message: "Choose a directory to run in" };
  return command.trim() === "" ? { field: "command", message: "Choose a command to run" } : undefined;
}

function placeError(thrown: unknown): LaunchError {
  const field = thrown instanceof ApiError && FIELDS.includes(thrown.field ?? "")
    ? thrown.field as LaunchField
    : "form";
  return { field, message: errorMessage(thrown) };
}

function fieldProblem(field: LaunchField, error: LaunchError | undefined): string | undefined {
  return error?.field === field ? error.message : undefined;
}

function checkedCwdProblem(check: LaunchCheck | undefined, cwd: string): string | undefined {
  if (cwd.trim() === "" || check === undefined || check.cwd.ok) return undefined;
  return check.cwd.message;
}
