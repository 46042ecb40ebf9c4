// All shortcuts at a glance.

import { X } from "lucide";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../parts/Button.tsx";
import { ARTIFACT_KEYS, CHANGES_KEYS, REPLAY_KEYS, SHORTCUTS, TERMINAL_KEYS } from "../shortcuts.ts";

export function HelpSheet({ onClose }: { onClose(): void }): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const group = (name: string): readonly KeyLine[] => SHORTCUTS.filter((each) => each.group === name);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-heading" data-testid="help" onClose={onClose}>
      <div class="help-head">
        <h2 id="help-heading">Keyboard</h2>
        <IconButton
          icon={X}
          label="Close"
          onClick={() =>
            dialog.current?.close()}
        />
      </div>
      <div class="help-groups">
        <KeyGroup name="Anywhere" lines={group("Anywhere")} />
        <KeyGroup name="Session list" lines={group("Session list")} />
        <KeyGroup name="Terminal" lines={[...group("Terminal"), ...TERMINAL_KEYS]} />
        <KeyGroup name="Replay" lines={REPLAY_KEYS} />
        <KeyGroup name="Changes" lines={CHANGES_KEYS} />
        <KeyGroup name="Artifacts" lines={ARTIFACT_KEYS} />
      </div>
      <p class="muted">
        On the tabs of changes and artifacts their own keys come first. While a terminal has the focus, all
        other keys belong to the program in it.
      </p>
    </dialog>
  );
}

interface KeyLine {
  keys: string;
  label: string;
}

function KeyGroup({ name, lines }: { name: string; lines: readonly KeyLine[] }): VNode {
  return (
    <section class="help-group">
      <h3>{name}</h3>
      <dl>
        {lines.map((line) => (
          <div key={line.keys}>
            <dt>{line.keys.split(" ").map((key) => <kbd key={key}>{keyName(key)}</kbd>)}</dt>
            <dd>{line.label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function keyName(key: string): string {
  if (key !== "Mod") return key;
  return navigator.userAgent.includes("Mac") ? "Cmd" : "Ctrl";
}
