// The few lines of shell between a new session and its program: terminal, umask, directory, then exec.

/**
 * Arguments: terminal, umask or nothing, directory, program, its arguments. Descriptor 2 is the host's mailbox
 * until the program takes over; `exec` moves it to the terminal.
 */
const SCRIPT = `
exec <>"$1" >&0
[ -z "$2" ] || command umask "$2"
if ! command cd -- "$3"; then
  command printf 'agents-fleet: cannot enter the folder %s\\n' "$3"
  command printf '%s no_directory\\n' "$$" >&2
  exit 126
fi
unset OLDPWD
shift 3
if ! command -v -- "$1" >/dev/null; then
  command printf 'agents-fleet: command not found: %s\\n' "$1"
  command printf '%s no_program\\n' "$$" >&2
  exit 127
fi
exec "$@" 2>&1
`;

const PORTABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface TrampolineOptions {
  terminal: string;
  umask: number | undefined;
  cwd: string;
  argv: string[];
  env: Record<string, string>;
  /** Whether `/bin/bash` is there. */
  hasBash: boolean;
}

/**
 * The command that starts a program on a terminal. Nothing of the caller becomes shell text.
 * Some shells drop variables such as `BASH_FUNC_module%%` on the way; bash in its privileged mode passes them on.
 */
export function trampolineArgv(options: TrampolineOptions): string[] {
  const portable = Object.keys(options.env).every((name) => PORTABLE_NAME.test(name));
  const shell = portable || !options.hasBash ? ["/bin/sh"] : ["/bin/bash", "-p"];
  const umask = options.umask === undefined ? "" : options.umask.toString(8).padStart(4, "0");
  return [...shell, "-c", SCRIPT, "agents-fleet", options.terminal, umask, options.cwd, ...options.argv];
}
