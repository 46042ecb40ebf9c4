// What systemd's login manager does to processes when their user logs out, as far as it concerns a holder.
import { userInfo } from "node:os";
import { commandOutput } from "./command_output.ts";

/** What a process belongs to: the user's service manager, a login, or neither. */
export type Place = "manager" | "login" | "elsewhere";

export interface Logins {
  /** Undefined where processes have no control groups, or for one that is gone. */
  placeOf(pid: number): Place | undefined;
  /** Whether the user's service manager stays after the last log-out; with it all that it runs. */
  lingers(): boolean;
  /** Whether the login manager ends what a login started; undefined where it does not say. */
  killsUserProcesses(): Promise<boolean | undefined>;
}

/** One file per user who lingers. */
const LINGER_DIRECTORY = "/var/lib/systemd/linger";
const ANSWER_WITHIN_MS = 2000;
const ASK = ["KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers"].map((name) => `--property=${name}`);

/** The login manager of this machine, and what it has on the user who runs this. */
export function createLogins(): Logins {
  const user = readUserName();
  return {
    placeOf: (pid) => {
      const groups = readIfThere(`/proc/${pid}/cgroup`);
      return groups === undefined ? undefined : parsePlace(groups);
    },
    lingers: () => user !== "" && readIfThere(`${LINGER_DIRECTORY}/${user}`) !== undefined,
    killsUserProcesses: async () => {
      const answer = await commandOutput(["loginctl", "show-user", ...ASK], { withinMs: ANSWER_WITHIN_MS });
      return answer.problem === undefined ? parseKills(answer.stdout, user) : undefined;
    },
  };
}

/** From the text of `/proc/PID/cgroup`. */
export function parsePlace(groups: string): Place {
  // The service manager's own groups are inside of a user's slice as the logins' are.
  if (/\/user@\d+\.service(\/|$)/m.test(groups)) return "manager";
  return /\/session-[^/]+\.scope(\/|$)/m.test(groups) ? "login" : "elsewhere";
}

/** From the login manager's own properties: the two lists narrow down whose processes are ended. */
export function parseKills(properties: string, user: string): boolean | undefined {
  const value = (name: string): string | undefined =>
    properties.match(new RegExp(`^${name}=(.*)$`, "m"))?.[1];
  const users = (name: string): string[] => (value(name) ?? "").split(/\s+/).filter(Boolean);
  const kills = value("KillUserProcesses");
  if (kills === undefined) return undefined;
  const only = users("KillOnlyUsers");
  if (users("KillExcludeUsers").includes(user)) return false;
  return kills === "yes" && (only.length === 0 || only.includes(user));
}

/** Empty for a user without a name, as containers may have one. */
function readUserName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return "";
    throw cause;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return undefined;
    // The process went while it was read.
    if (cause instanceof Error && "code" in cause && cause.code === "ESRCH") return undefined;
    throw cause;
  }
}
