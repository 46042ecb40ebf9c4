// The environment of a session's program: the user's own, minus what is ours or changes how programs load.

/** Exact names that are not handed on. */
const DROPPED = new Set([
  "LITELLM_API_KEY",
  "NODE_OPTIONS",
  "BASH_ENV",
  "ENV",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "OLDPWD",
  "COLUMNS",
  "LINES",
  // Marks of the terminal or agent that this program was started from.
  "TMUX",
  "TMUX_PANE",
  "STY",
  "WINDOW",
  "TERM_PROGRAM",
  "TERM_PROGRAM_VERSION",
  "TERM_SESSION_ID",
  "INSIDE_EMACS",
  "WT_SESSION",
  "VTE_VERSION",
  "CLAUDECODE",
  "CLAUDE_CODE_ENTRYPOINT",
]);
const DROPPED_PREFIXES = [
  "AGENTS_FLEET_",
  "DENO_",
  "LD_",
  "DYLD_",
  "VSCODE_",
  "ZELLIJ",
  "KITTY_",
  "WEZTERM_",
  "ALACRITTY_",
  "ITERM_",
  "GHOSTTY_",
];

/** Everything a program in our terminal needs to know; `spec/security.md` 7.3 has the reasons. */
export function childEnvironment(
  user: Readonly<Record<string, string>>,
  session: { cwd: string; assignments: Record<string, string> },
): Record<string, string> {
  const kept = Object.entries(user).filter(([name]) =>
    !DROPPED.has(name) && !DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
  const environment: Record<string, string> = Object.fromEntries(kept);
  if (!environment["LANG"] && !environment["LC_ALL"] && !environment["LC_CTYPE"]) {
    environment["LANG"] = "C.UTF-8";
  }
  return {
    ...environment,
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    PWD: session.cwd,
    ...session.assignments,
  };
}
