// Search and filters of the session list.

import { ListFilter } from "lucide";
import type { VNode } from "preact";
import type { RefObject } from "preact";
import { useSignal } from "@preact/signals";
import type { SessionFilter } from "../models/session_list.ts";
import type { Sessions } from "../models/sessions.ts";
import { IconButton } from "../parts/Button.tsx";
import { SearchBox } from "../parts/SearchBox.tsx";

export interface ListFiltersProps {
  sessions: Sessions;
  searchRef: RefObject<HTMLInputElement | null>;
  onOpenFirst(): void;
  onEnterList(): void;
}

export function ListFilters({ sessions, searchRef, onOpenFirst, onEnterList }: ListFiltersProps): VNode {
  const filter = sessions.filter.value;
  const open = useSignal(false);
  const refined = filter.kind !== "all" || filter.repository !== "all" || filter.status !== "all";
  return (
    <search class="list-filters">
      <SearchBox
        label="Search sessions"
        value={filter.q}
        testId="session-search"
        fieldRef={searchRef}
        onSearch={(q) => sessions.setFilter({ q })}
        onEnter={onOpenFirst}
        onLeaveDown={onEnterList}
      >
        <IconButton
          icon={ListFilter}
          label={refined ? "Filters (active)" : "Filters"}
          pressed={refined}
          expanded={open.value}
          testId="open-filters"
          onClick={() => {
            open.value = !open.value;
          }}
        />
      </SearchBox>
      {(open.value || refined) && <FilterRow sessions={sessions} filter={filter} />}
    </search>
  );
}

function FilterRow({ sessions, filter }: { sessions: Sessions; filter: SessionFilter }): VNode {
  const repositories = sessions.repositories.value.map(({ root, name }) => [root, name] as const);
  return (
    <div class="filter-row">
      <Choice
        name="status"
        label="Status"
        value={filter.status}
        options={STATUSES}
        onChange={(status) => sessions.setFilter({ status })}
      />
      <Choice
        name="kind"
        label="Kind"
        value={filter.kind}
        options={KINDS}
        onChange={(kind) => sessions.setFilter({ kind })}
      />
      <Choice
        name="repository"
        label="Repository"
        value={filter.repository}
        options={[["all", "Any repo"], ...repositories]}
        onChange={(repository) => sessions.setFilter({ repository })}
      />
    </div>
  );
}

type Options<Value> = readonly (readonly [Value, string])[];

const STATUSES: Options<SessionFilter["status"]> = [
  ["all", "Any status"],
  ["needs", "Needs you"],
  ["live", "Running"],
  ["ended", "Ended"],
];
const KINDS: Options<SessionFilter["kind"]> = [
  ["all", "Any kind"],
  ["claude", "Claude Code"],
  ["codex", "Codex"],
  ["shell", "Shell"],
];

interface ChoiceProps<Value extends string> {
  name: string;
  label: string;
  value: Value;
  options: Options<Value>;
  onChange(value: Value): void;
}

function Choice<Value extends string>(
  { name, label, value, options, onChange }: ChoiceProps<Value>,
): VNode {
  return (
    <select
      class="select"
      aria-label={label}
      value={value}
      data-testid={`filter-${name}`}
      onChange={(event) => {
        const chosen = options[event.currentTarget.selectedIndex];
        if (chosen) onChange(chosen[0]);
      }}
    >
      {options.map(([each, text]) => <option key={each} value={each}>{text}</option>)}
    </select>
  );
}
