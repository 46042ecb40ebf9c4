// Gathers what a session was about: what was typed, what was changed, and what its screen showed last. All bounded.
import type { FileChange, SessionView } from "../../protocol.ts";
import { shownText, typedText } from "./plain_text.ts";

/** Changes of a work tree since the session's start, as far as its snapshots tell. */
export interface SessionChanges {
  files: readonly FileChange[];
  /** The patch of one file. */
  patch(fileId: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

export interface SummarySources {
  /** Lines of the input audit, in order; long sessions without their middle. */
  inputs(sessionId: string): string[];
  /** Undefined where nothing was captured. */
  changes(sessionId: string): Promise<SessionChanges | undefined>;
  /** What the screen shows, or showed last, as it was written; empty when that is not known any more. */
  screen(session: SessionView): Promise<string>;
}

/** One kind of what is sent. */
export interface InputPart {
  name: string;
  /** Without escape sequences and control characters; secrets are still in it. */
  text: string;
  /** More characters are not sent; cut only where secrets are masked. */
  maxCharacters: number;
  /** Characters at its end that are kept when its middle is left out. */
  keepEnd: number;
  /** Something was left out already. */
  shortened: boolean;
  /** These are rows of a screen, which break long lines anywhere. */
  isScreen?: boolean;
}

const MAX_TYPED_CHARACTERS = 6000;
const TYPED_END_CHARACTERS = 2000;
const MAX_LISTED_FILES = 60;
const MAX_FILES_CHARACTERS = 3000;
const MAX_PATCHED_FILES = 12;
const MAX_PATCH_BYTES = 6000;
const MAX_DIFF_CHARACTERS = 12_000;
const MAX_SCREEN_CHARACTERS = 3000;
const MAX_COMMAND_CHARACTERS = 500;
/** Files whose contents are secrets without any mark of one: named, never quoted. */
const SECRET_FILE =
  /(^|\/)(\.env(\..*)?|\.npmrc|\.netrc|\.pgpass|credentials(\.\w+)?|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p12|pfx|keystore|jks|kdbx))$/i;

/** Everything there is to say, part by part; parts without text are left out. */
export async function gatherInput(session: SessionView, sources: SummarySources): Promise<InputPart[]> {
  const typed = sources.inputs(session.id).map(typedText).filter((text) => text !== "").join("\n");
  const changes = await sources.changes(session.id);
  const diff = changes ? await readDiff(changes) : { text: "", shortened: false };
  const files = changes?.files ?? [];
  const parts = [
    { name: "Session", text: describe(session), maxCharacters: 1500, keepEnd: 0, shortened: false },
    {
      name: "Typed by the user",
      text: typed,
      maxCharacters: MAX_TYPED_CHARACTERS,
      keepEnd: TYPED_END_CHARACTERS,
      shortened: false,
    },
    {
      name: "Changed files",
      text: files.slice(0, MAX_LISTED_FILES).map(fileLine).join("\n"),
      maxCharacters: MAX_FILES_CHARACTERS,
      keepEnd: 0,
      shortened: files.length > MAX_LISTED_FILES,
    },
    { name: "Diff", ...diff, maxCharacters: MAX_DIFF_CHARACTERS, keepEnd: 0 },
    {
      name: "Last screen",
      text: withoutBlankLines(shownText(await sources.screen(session))),
      maxCharacters: MAX_SCREEN_CHARACTERS,
      keepEnd: MAX_SCREEN_CHARACTERS,
      shortened: false,
      isScreen: true,
    },
  ];
  return parts.filter(({ text }) => text !== "");
}

/** Whether there is more than the session's own description. */
export function saysSomething(parts: readonly InputPart[]): boolean {
  return parts.length > 1;
}

function describe({ command, kind, repository, cwd, lifecycle, endReason, exitCode }: SessionView): string {
  const place = repository === undefined
    ? `Directory: ${cwd.slice(cwd.lastIndexOf("/") + 1) || cwd}`
    : `Repository: ${repository.name}${
      repository.branch === undefined ? "" : `, branch ${repository.branch}`
    }`;
  const end = lifecycle !== "ended"
    ? "it is still running"
    : `${endReason ?? "ended"}${exitCode === undefined ? "" : `, exit code ${exitCode}`}`;
  const program = kind === "shell" ? "a shell command" : `the coding agent ${kind}`;
  return shownText(`Program: ${program}
Command: ${command.slice(0, MAX_COMMAND_CHARACTERS)}
${place}
End: ${end}`);
}

function fileLine({ status, path, oldPath, additions, deletions }: FileChange): string {
  const counts = additions === undefined ? "" : ` (+${additions} -${deletions ?? 0})`;
  return shownText(`${status} ${oldPath === undefined ? "" : `${oldPath} -> `}${path}${counts}`);
}

/** The beginning of the patch of each file that people write, the shortest first: what was done shows in many of them. */
async function readDiff({ files, patch }: SessionChanges): Promise<{ text: string; shortened: boolean }> {
  const written = files.filter(({ kind, generated, path }) =>
    kind === "text" && !generated && !SECRET_FILE.test(path)
  )
    .toSorted((a, b) => lines(a) - lines(b));
  const patches: string[] = [];
  let shortened = written.length > MAX_PATCHED_FILES;
  for (const { id } of written.slice(0, MAX_PATCHED_FILES)) {
    const beginning = await readBeginning(await patch(id), MAX_PATCH_BYTES);
    shortened ||= beginning.shortened;
    patches.push(shownText(beginning.text));
  }
  return { text: patches.join("\n"), shortened };
}

function lines({ additions = 0, deletions = 0 }: FileChange): number {
  return additions + deletions;
}

/** Whole lines only: half a key would not be known for one. */
async function readBeginning(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<{ text: string; shortened: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stream) {
    const room = maxBytes - bytes;
    text += decoder.decode(chunk.subarray(0, room), { stream: true });
    bytes += chunk.length;
    if (bytes > maxBytes) return { text: text.slice(0, text.lastIndexOf("\n") + 1), shortened: true };
  }
  return { text: text + decoder.decode(), shortened: false };
}

function withoutBlankLines(text: string): string {
  return text.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "").join("\n");
}
