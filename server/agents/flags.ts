// Takes an agent's command line apart: which words are flags, which are their values, which are free.

/** Flags that take values; every other flag stands alone. Names as written, `--model`, `-m`. */
export interface FlagSpec {
  /** Take exactly one. */
  one: ReadonlySet<string>;
  /** Take the next word unless that is a flag. */
  maybe: ReadonlySet<string>;
  /** Take all words up to the next flag. */
  many: ReadonlySet<string>;
}

export type Argument =
  | { kind: "flag"; name: string; values: string[]; words: string[] }
  | { kind: "free"; words: [string] };

/** Every word is in exactly one argument, in order. After `--` all words are free. */
export function readArguments(words: readonly string[], spec: FlagSpec): Argument[] {
  const found: Argument[] = [];
  for (let at = 0; at < words.length;) {
    const word = words[at] ?? "";
    if (word === "--") {
      found.push({ kind: "flag", name: "--", values: [], words: ["--"] });
      found.push(...words.slice(at + 1).map((rest): Argument => ({ kind: "free", words: [rest] })));
      break;
    }
    const argument = readArgument(words, { at, spec });
    found.push(argument);
    at += argument.words.length;
  }
  return found;
}

/** The last value of a flag under any of its names. */
export function valueOf(found: readonly Argument[], ...names: string[]): string | undefined {
  return found.flatMap((argument) => isFlag(argument, names) ? argument.values.slice(0, 1) : []).at(-1);
}

export function hasFlag(found: readonly Argument[], ...names: string[]): boolean {
  return found.some((argument) => isFlag(argument, names));
}

/** All words but those of some flags. */
export function withoutFlags(found: readonly Argument[], names: ReadonlySet<string>): Argument[] {
  return found.filter((argument) => argument.kind !== "flag" || !names.has(argument.name));
}

export function wordsOf(found: readonly Argument[]): string[] {
  return found.flatMap(({ words }) => words);
}

function isFlag(argument: Argument, names: string[]): argument is Extract<Argument, { kind: "flag" }> {
  return argument.kind === "flag" && names.includes(argument.name);
}

function readArgument(words: readonly string[], { at, spec }: { at: number; spec: FlagSpec }): Argument {
  const word = words[at] ?? "";
  if (!word.startsWith("-") || word === "-") return { kind: "free", words: [word] };
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  if (equals > 0) {
    return { kind: "flag", name: word.slice(0, equals), values: [word.slice(equals + 1)], words: [word] };
  }
  const values = takeValues(words.slice(at + 1), { name: word, spec });
  return { kind: "flag", name: word, values, words: [word, ...values] };
}

function takeValues(rest: readonly string[], { name, spec }: { name: string; spec: FlagSpec }): string[] {
  if (spec.one.has(name)) return rest.slice(0, 1);
  const isMany = spec.many.has(name);
  if (!isMany && !spec.maybe.has(name)) return [];
  const end = rest.findIndex((word) => word.startsWith("-"));
  return rest.slice(0, isMany ? (end < 0 ? rest.length : end) : (end === 0 ? 0 : 1));
}
