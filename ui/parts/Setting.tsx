// One row of the settings: what it is, what it means, and its control.

import type { ComponentChildren, VNode } from "preact";

export interface SettingProps {
  label: string;
  labelFor?: string | undefined;
  note?: ComponentChildren;
  children?: ComponentChildren;
}

export function Setting({ label, labelFor, note, children }: SettingProps): VNode {
  return (
    <div class="setting">
      <div class="setting-text">
        {labelFor === undefined
          ? <span class="setting-name">{label}</span>
          : <label class="setting-name" for={labelFor}>{label}</label>}
        {note !== undefined && <span class="muted">{note}</span>}
      </div>
      {children}
    </div>
  );
}

export interface SwitchProps {
  id: string;
  label: string;
  note: ComponentChildren;
  on: boolean;
  disabled?: boolean | undefined;
  onChange(on: boolean): void;
}

export function Switch({ id, label, note, on, disabled, onChange }: SwitchProps): VNode {
  return (
    <Setting label={label} labelFor={id} note={note}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={on}
        disabled={disabled}
        data-testid={id}
        onChange={(event) => {
          const wanted = event.currentTarget.checked;
          // It shows what is so, not what was asked for: the change may be refused.
          event.currentTarget.checked = on;
          onChange(wanted);
        }}
      />
    </Setting>
  );
}
