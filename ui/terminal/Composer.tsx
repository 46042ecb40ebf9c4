// A text box for messages of several lines: sent as one paste, then Return.

import { useSignal } from "@preact/signals";
import { SendHorizontal, X } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TerminalState } from "../models/terminal.ts";
import { Button, IconButton } from "../parts/Button.tsx";

export function Composer({ state, offline }: { state: TerminalState; offline: boolean }): VNode {
  const text = useSignal("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = (): void => {
    if (text.value.trim() === "" || offline) return;
    state.live.value?.submit(text.value);
    text.value = "";
    field.current?.focus();
  };
  const close = (): void => {
    state.composerOpen.value = false;
    state.shown.value?.focus();
  };
  return (
    <div class="composer" role="group" aria-label="Message">
      <textarea
        ref={field}
        class="input composer-text mono"
        rows={4}
        placeholder="A message of several lines. Ctrl Enter sends it."
        aria-label="Message to the program"
        value={text.value}
        data-testid="composer"
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
          if (event.key === "Escape") close();
        }}
      />
      <div class="composer-actions">
        <Button
          variant="primary"
          icon={SendHorizontal}
          disabled={offline}
          testId="composer-send"
          onClick={send}
        >
          Send
        </Button>
        <IconButton icon={X} label="Close the composer" onClick={close} />
      </div>
    </div>
  );
}
