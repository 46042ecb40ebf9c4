// A session's name as a heading that turns into a field: Enter saves, Escape cancels.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { SessionView } from "../../server/protocol.ts";
import { hasTitle, sessionName } from "../session_status.ts";

export interface EditableTitleProps {
  session: SessionView;
  editing: { value: boolean };
  onSave(title: string): void;
}

export function EditableTitle({ session, editing, onSave }: EditableTitleProps): VNode {
  if (editing.value) {
    return (
      <TitleField
        session={session}
        onDone={(title) => {
          editing.value = false;
          if (title !== undefined) onSave(title);
        }}
      />
    );
  }
  const edit = (): void => {
    editing.value = true;
  };
  return (
    <h1
      class={hasTitle(session) ? "title" : "title mono"}
      title={session.title === undefined && session.aiTitle !== undefined
        ? `${session.aiTitle} (from its summary)`
        : sessionName(session)}
      data-testid="session-title"
      onDblClick={edit}
    >
      {sessionName(session)}
    </h1>
  );
}

function TitleField(
  { session, onDone }: { session: SessionView; onDone(title: string | undefined): void },
): VNode {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => field.current?.select(), []);
  const finish = (title: string | undefined): void => {
    if (done.current) return;
    done.current = true;
    onDone(title);
  };
  return (
    <input
      ref={field}
      class="input title-field"
      type="text"
      maxLength={200}
      aria-label="Title"
      placeholder={session.command}
      defaultValue={session.title ?? session.aiTitle ?? ""}
      data-testid="title-field"
      onKeyDown={(event) => {
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(undefined);
      }}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  );
}
