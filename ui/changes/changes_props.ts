// What every part of the tab of changes is given.

import type { SessionTabProps } from "../views/session_tab_props.ts";
import type { ChangesDesk } from "./changes_desk.ts";
import type { DrawnFile } from "./diff_viewport.ts";

export interface ChangesProps extends SessionTabProps {
  desk: ChangesDesk;
}

/** The parts of one file's diff. */
export interface DiffFileProps extends ChangesProps {
  drawn: DrawnFile;
}
