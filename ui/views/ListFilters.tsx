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
  return (
    <div class="filter-row">
      <select
        class="select"
        aria-label="Status"
        value={filter.status}
        data-testid="filter-status"
        onChange={(event) =>
          sessions.setFilter({ status: event.currentTarget.value as SessionFilter["status"] })}
      >
        <option value="all">Any status</option>
        <option value="needs">Needs you</option>
        <option value="live">Running</option>
        <option value="ended">Ended</option>
      </select>
      <select
        class="select"
        aria-label="Kind"
        value={filter.kind}
        data-testid="filter-kind"
        onChange={(event) => sessions.setFilter({ kind: event.currentTarget.value as SessionFilter["kind"] })}
      >
        <option value="all">Any kind</option>
        <option value="claude">Claude Code</option>
        <option value="codex">Codex</option>
        <option value="shell">Shell</option>
      </select>
      <select
        class="select"
        aria-label="Repository"
        value={filter.repository}
        data-testid="filter-repository"
        onChange={(event) => sessions.setFilter({ repository: event.currentTarget.value })}
      >
        <option value="all">Any repo</option>
        {sessions.repositories.value.map(({ root, name }) => <option key={root} value={root}>{name}</option>)}
      </select>
    </div>
  );
}
