// What a session is called in notices and lists; the page names it by the same rule.
import type { SessionRow } from "./store/sessions.ts";

const AGENTS: Record<SessionRow["kind"], string> = { claude: "Claude Code", codex: "Codex", shell: "Shell" };
const MAX_CHARACTERS = 80;

/** The title its user gave, that of its summary, what was resumed, else its command, cut to a line. */
export function nameSession(
  { title, aiTitle, resumedFrom, kind, command }: Pick<
    SessionRow,
    "title" | "aiTitle" | "resumedFrom" | "kind" | "command"
  >,
): string {
  // A resume's own command is a long id.
  const untitled = resumedFrom === null ? command.slice(0, MAX_CHARACTERS) : `${AGENTS[kind]}, resumed`;
  return title ?? aiTitle ?? untitled;
}
