// What every launch says: in which directory, which command, and what it is for; problems stand at their field.

import { FolderGit2 } from "lucide";
import type { ComponentChildren, VNode } from "preact";
import type { LaunchCheck } from "../../server/protocol.ts";
import type { AppModels } from "../app_models.ts";
import { formatPath } from "../format.ts";
import type { LaunchForm } from "../models/launch.ts";
import { DirectoryField } from "../parts/DirectoryField.tsx";
import { Icon } from "../parts/Icon.tsx";
import { kindName } from "../session_status.ts";
import { CommandPresets } from "./CommandPresets.tsx";

export function DirectoryPart({ models }: { models: AppModels }): VNode {
  const { launch, fleet } = models;
  const problem = launch.cwdProblem.value;
  const home = fleet.status.value.value?.homeDirectory;
  return (
    <Field
      id="launch-cwd"
      label="Directory"
      problem={problem}
      note={directoryNote(launch.check.value, home)}
      after={<RecentDirectories models={models} />}
    >
      <div
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const path = droppedPath(event.dataTransfer?.getData("text/plain") ?? "");
          if (path !== undefined) {
            launch.setField("cwd", path);
          }
        }}
      >
        <DirectoryField
          id="launch-cwd"
          value={launch.cwd.value}
          suggestions={launch.suggestions.value}
          home={home}
          invalid={problem !== undefined}
          describedBy="launch-cwd-note"
          onInput={(path) => launch.setField("cwd", path)}
        />
      </div>
    </Field>
  );
}

function RecentDirectories({ models }: { models: AppModels }): VNode | null {
  const { launch, fleet } = models;
  const home = fleet.status.value.value?.homeDirectory;
  const directories = fleet.recents.value.value?.directories ?? [];
  if (directories.length === 0) return null;
  return (
    <ul class="chips" aria-label="Recent directories">
      {directories.slice(0, 6).map((each) => (
        <li key={each.path}>
          <button type="button" class="pick" onClick={() => launch.setField("cwd", each.path)}>
            {each.isRepository && <Icon node={FolderGit2} size={14} />}
            {formatPath(each.path, home)}
            {each.branch && <span class="muted">{each.branch}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function CommandPart({ models }: { models: AppModels }): VNode {
  const { launch, fleet } = models;
  const problem = launch.commandProblem.value;
  return (
    <Field
      id="launch-command"
      label="Command"
      problem={problem}
      note={commandNote(launch)}
      after={<CommandPresets launch={launch} agents={fleet.status.value.value?.agents ?? []} />}
    >
      <input
        id="launch-command"
        class="input mono"
        type="text"
        autocomplete="off"
        spellcheck={false}
        placeholder="claude, codex, or any command"
        value={launch.command.value}
        aria-invalid={problem !== undefined}
        aria-describedby="launch-command-note"
        data-testid="launch-command"
        onInput={(event) => launch.setField("command", event.currentTarget.value)}
      />
    </Field>
  );
}

export function TitlePart({ launch }: { launch: LaunchForm }): VNode {
  const problem = launch.error.value?.field === "title" ? launch.error.value.message : undefined;
  return (
    <Field id="launch-title" label="Title" optional problem={problem} note={undefined}>
      <input
        id="launch-title"
        class="input"
        type="text"
        autocomplete="off"
        placeholder="What is it for?"
        value={launch.title.value}
        aria-invalid={problem !== undefined}
        aria-describedby="launch-title-note"
        data-testid="launch-title"
        onInput={(event) => launch.setField("title", event.currentTarget.value)}
      />
    </Field>
  );
}

interface FieldProps {
  id: string;
  label: string;
  optional?: boolean;
  problem: string | undefined;
  note: ComponentChildren;
  children: ComponentChildren;
  after?: ComponentChildren;
}

function Field({ id, label, optional, problem, note, children, after }: FieldProps): VNode {
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
        {optional && <span class="muted">optional</span>}
      </label>
      {children}
      <p
        id={`${id}-note`}
        class={problem === undefined ? "field-note" : "field-error"}
        aria-live="polite"
        data-testid={`${id}-note`}
      >
        {problem ?? note}
      </p>
      {after}
    </div>
  );
}

function directoryNote(check: LaunchCheck | undefined, home: string | undefined): ComponentChildren {
  if (check === undefined || !check.cwd.ok) return undefined;
  const { path, repository } = check.cwd;
  if (repository === undefined) return `${formatPath(path, home)} is not in a git repository`;
  return `${repository.name} · ${repository.branch ?? "detached HEAD"}`;
}

function commandNote(launch: LaunchForm): ComponentChildren {
  const command = launch.check.value?.command;
  if (command === undefined || launch.command.value.trim() === "") return undefined;
  const name = kindName(command.kind);
  if (command.mode === "shell") return `${name}, started through your shell`;
  return command.program === undefined ? name : `${name}: ${command.program}`;
}

/** The first path of a dropped text; file managers give `file:` addresses. */
function droppedPath(text: string): string | undefined {
  const line = text.split(/\r?\n/).find((each) => each.trim() !== "")?.trim();
  if (line === undefined) return undefined;
  return line.startsWith("file://") ? decodeURIComponent(new URL(line).pathname) : line;
}
