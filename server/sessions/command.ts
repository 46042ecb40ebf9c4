// Reads a command line: what kind of agent it starts, and whether it needs a shell at all.

/** A command that needs no shell: `NAME=value` prefixes, then program and arguments. */
export interface PlainCommand {
  assignments: Record<string, string>;
  words: string[];
}

/** Characters that mean something to a shell when they are not quoted. */
const SHELL_SYNTAX = new Set("|&;<>()$`*?[]{}~#!\n\r");
/** Words that only a shell understands. */
const SHELL_WORDS = new Set(
  "alias bg builtin case cd command declare dirs eval exec export fg for function hash if jobs let local popd pushd read set shopt source time trap type ulimit umask unalias unset until wait while ."
    .split(" "),
);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
const PACKAGES: Record<string, FoundAgent["kind"]> = {
  "@anthropic-ai/claude-code": "claude",
  "@openai/codex": "codex",
};
const PACKAGE_RUNNERS = new Set(["npx", "bunx", "pnpx"]);
const AGENTS: Record<string, FoundAgent["kind"]> = { claude: "claude", codex: "codex" };

/** The words of a command; undefined when it has shell syntax, unbalanced quotes or only a shell knows its first word. */
export function parsePlainCommand(command: string): PlainCommand | undefined {
  const all = splitWords(command.trim());
  if (!all || all.length === 0) return undefined;
  const assignments: Record<string, string> = {};
  let first = 0;
  for (; first < all.length; first++) {
    const match = ASSIGNMENT.exec(all[first]?.text ?? "");
    if (!match || (match[1] ?? "").length >= (all[first]?.plainLength ?? 0)) break;
    assignments[match[1] ?? ""] = match[2] ?? "";
  }
  const words = all.slice(first).map(({ text }) => text);
  if (words.length === 0 || SHELL_WORDS.has(words[0] ?? "")) return undefined;
  return { assignments, words };
}

/** An agent's place in a list of words. */
export interface FoundAgent {
  kind: "claude" | "codex";
  /** Index of the first word that the agent itself gets. */
  argsFrom: number;
}

/**
 * The agent that a list of words starts (`claude --model x`, `/opt/codex`, `env A=1 claude`, `npx -y @openai/codex`);
 * undefined for any other program.
 */
export function findAgent(words: readonly string[], from = 0): FoundAgent | undefined {
  const name = baseName(words[from] ?? "");
  if (name === "env") {
    const withValue = ["-u", "--unset", "-C", "--chdir"];
    return findAgent(words, skipOptions(words, { from: from + 1, withValue, assignments: true }));
  }
  const kind = AGENTS[name];
  if (kind) return { kind, argsFrom: from + 1 };
  return PACKAGE_RUNNERS.has(name) ? findPackage(words, from + 1) : undefined;
}

/** Words as a shell would have to be told them. */
export function quoteWords(words: readonly string[]): string {
  return words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
}

function findPackage(words: readonly string[], from: number): FoundAgent | undefined {
  const at = skipOptions(words, { from, withValue: ["-p", "--package"], assignments: false });
  const name = (words[at] ?? "").replace(/(?<=.)@[^/]*$/, "");
  const kind = PACKAGES[name] ?? AGENTS[name];
  return kind && { kind, argsFrom: at + 1 };
}

/** Index of the first word that is no option, nor an option's value, nor an assignment. */
function skipOptions(
  words: readonly string[],
  { from, withValue, assignments }: { from: number; withValue: string[]; assignments: boolean },
): number {
  let at = from;
  while (at < words.length) {
    const word = words[at] ?? "";
    if (withValue.includes(word)) at += 2;
    else if (word.startsWith("-") || (assignments && ASSIGNMENT.test(word))) at++;
    else break;
  }
  return at;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

interface Word {
  text: string;
  /** Characters before the first quote: in `"A=b"` the equals sign is quoted, and no assignment is meant. */
  plainLength: number;
}

/** Words by the shell's quoting rules; undefined as soon as something needs a real shell. */
function splitWords(command: string): Word[] | undefined {
  const words: Word[] = [];
  let word: Word | undefined;
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? "";
    if (character === " " || character === "\t") {
      if (word) words.push(word);
      word = undefined;
      continue;
    }
    const piece = readPiece(command, at);
    if (!piece) return undefined;
    word ??= { text: "", plainLength: 0 };
    if (!piece.quoted && word.plainLength === word.text.length) word.plainLength++;
    word.text += piece.text;
    at = piece.last;
  }
  if (word) words.push(word);
  return words;
}

interface Piece {
  text: string;
  quoted: boolean;
  /** Index of its last character in the command. */
  last: number;
}

/** One quoted run, escaped character or plain character. */
function readPiece(command: string, at: number): Piece | undefined {
  const character = command[at] ?? "";
  if (character === "'") return quotedPiece(command, at, "'");
  if (character === '"') {
    const piece = quotedPiece(command, at, '"');
    return piece && /[$`\\!]/.test(piece.text) ? undefined : piece;
  }
  if (character === "\\") {
    const next = command[at + 1];
    return next === undefined || next === "\n" ? undefined : { text: next, quoted: true, last: at + 1 };
  }
  return SHELL_SYNTAX.has(character) ? undefined : { text: character, quoted: false, last: at };
}

function quotedPiece(command: string, at: number, quote: string): Piece | undefined {
  const end = command.indexOf(quote, at + 1);
  return end < 0 ? undefined : { text: command.slice(at + 1, end), quoted: true, last: end };
}
