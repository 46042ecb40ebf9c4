// Values that are given to names like `password` or `api_key`: in code, settings files, environments and command lines.
import { endOfRun } from "./secret_run.ts";

/** Names whose plain value is the secret, however simple it is. */
const PASSWORD = "password|passwd|passphrase|passwort|pwd|secret";
/** Names whose value is a secret when it looks as if made by a machine. */
const KEY = "api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|signing[_-]?key|encryption[_-]?key|" +
  "master[_-]?key|subscription[_-]?key|auth[_-]?key|token|credentials?";
const NAMES = new RegExp(`(?<password>${PASSWORD})|(?:${KEY})`, "gi");

/** The rest of a name, its closing quote, perhaps a type, and the sign; or the space after a command line's `--name`. */
const LINK = new RegExp(
  String.raw`([\w-]{0,32})(?:\\?["'${"`"}])?\]?` +
    String
      .raw`([ \t]{0,8}(?::[ \t]{0,4}[A-Za-z][\w.]{0,24}\??[ \t]{1,4}=(?![=>])|=>|:=|={1,3}|:)[ \t]{0,8}|[ \t](?=[^\s-]))`,
  "y",
);
/** As much of a value as is looked at; one that turns out to be a secret is followed to its end. */
const QUOTED = /(["'`])((?:\\[^\n]|(?!\1)[^\n\\]){1,256})/y;
/** Inside a string of another language: the quotes are escaped themselves. */
const ESCAPED = /\\(["'`])((?:(?!\\?\1)[^\n]){1,256})/y;
/** Up to white space: what a line of an environment file gives. */
const WHOLE_WORD = /[^\s"'`]{1,256}/y;
const WORD = /[^\s"'`&;,(){}[\]<>]{1,256}/y;

/** Begins with a reference to somewhere else, or only stands for a value. */
const REFERENCE = /^(?:\$|%|\{|<|\[|#|@|process\.|env\.|os\.|None\b|null\b|undefined\b|true\b|false\b|nil\b)/;
const PLACEHOLDER = /^(?:[*•.xX_-]+|changeme|redacted|example|placeholder|your[_-].*)$/i;
/** The name again, or a type in place of a value. */
const NO_PASSWORD =
  /^(?:password|passwd|passphrase|pwd|secret|string|str|bytes|text|any|unknown|number|bool|boolean|\w*array)$/i;
const PATH = /^(?:~|\.{0,2})\//;
const MEMBER = /^[A-Za-z_]+(?:\.[A-Za-z_]+)+$/;
const PROSE = /^[\p{L}.,!?'’-]+(?:\s+[\p{L}.,!?'’-]+)+$/u;
const MIN_PASSWORD_CHARS = 4;
const MIN_KEY_CHARS = 16;

/** Where values of such names are: `[from, to]`, ascending. */
export function assignedSecrets(text: string): [number, number][] {
  const found: [number, number][] = [];
  let end = 0;
  for (const name of text.matchAll(NAMES)) {
    if (name.index < end) continue;
    const range = valueAfter(text, name);
    if (range === undefined) continue;
    found.push(range);
    end = range[1];
  }
  return found;
}

function valueAfter(text: string, name: RegExpExecArray): [number, number] | undefined {
  LINK.lastIndex = name.index + name[0].length;
  const link = LINK.exec(text);
  if (link === null) return undefined;
  const [, rest = "", sign = ""] = link;
  const option = /--[\w-]{0,32}$/.test(text.slice(Math.max(0, name.index - 34), name.index));
  if (sign.trim() === "" && !option) return undefined;
  const startsLine = isStartOfLine(text, name.index);
  const plain = name.groups?.["password"] !== undefined && rest === "";
  return readValue(text, {
    at: LINK.lastIndex,
    plain,
    bareText: option || sign === "=" || name[0] === name[0].toUpperCase(),
    wholeWord: plain && startsLine && sign === "=",
    startsLine,
  });
}

interface Place {
  at: number;
  /** A password: it need not look as if made by a machine. */
  plain: boolean;
  /** Written as environments and command lines are, where a bare word is text and no name of something. */
  bareText: boolean;
  wholeWord: boolean;
  startsLine: boolean;
}

function readValue(text: string, place: Place): [number, number] | undefined {
  for (const pattern of [QUOTED, ESCAPED]) {
    pattern.lastIndex = place.at;
    const value = pattern.exec(text)?.[2];
    if (value === undefined) continue;
    const end = pattern.lastIndex;
    return isSecret(value, place.plain, true)
      ? [end - value.length, value.length < 250 ? end : endOfRun(text, end)]
      : undefined;
  }
  const pattern = place.wholeWord ? WHOLE_WORD : WORD;
  pattern.lastIndex = place.at;
  const value = pattern.exec(text)?.[0] ?? "";
  const end = place.at + value.length;
  const next = text.charAt(end);
  const alone = place.startsLine && (next === "" || next === "\n" || next === "\r");
  const literal = place.bareText || (alone && !/^[A-Za-z]+(?:[A-Z][a-z]+)+$/.test(value));
  if (next === "(" || !isSecret(value, place.plain, literal)) return undefined;
  return [place.at, value.length < 250 ? end : endOfRun(text, end)];
}

function isSecret(value: string, plain: boolean, literal: boolean): boolean {
  if (REFERENCE.test(value) || PLACEHOLDER.test(value) || value.includes("${") || value.includes("{{")) {
    return false;
  }
  if (!plain) return literal ? isKeyLike(value) : looksRandom(value);
  if (value.length < MIN_PASSWORD_CHARS || PROSE.test(value) || PATH.test(value)) return false;
  return literal
    ? !NO_PASSWORD.test(value) && !MEMBER.test(value)
    : hasDigitAndLetter(value) && !value.includes(".");
}

/** A literal of the length of a key that is no word and no sentence. */
function isKeyLike(value: string): boolean {
  return value.length >= MIN_KEY_CHARS && !/\s/.test(value) && hasDigitAndLetter(value);
}

/** Letters and digits change places more often than in names that people give. */
function looksRandom(value: string): boolean {
  if (value.length < MIN_KEY_CHARS || !hasDigitAndLetter(value)) return false;
  return (value.match(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])/g)?.length ?? 0) >= 4;
}

function hasDigitAndLetter(value: string): boolean {
  return /[0-9]/.test(value) && /[A-Za-z]/.test(value);
}

/** Whether only the beginning of a name, `export`, a list's dash and a diff's mark are before it on its line. */
function isStartOfLine(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 96), at);
  return /(?:^|\n)[+\- ]?[ \t]{0,32}(?:- )?(?:export |set )?["'`]?[\w-]{0,48}$/.test(before);
}
