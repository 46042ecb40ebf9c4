// What a prompt tells the fake provider to do, by directives such as [[tools:2]] or [[error:529x2]].

/** Directives of one prompt. Figures of tokens and time hold for each answer that the prompt leads to. */
export interface Script {
  /** `[[tools:2]]`: so many answers call a shell before the last one. */
  tools: number;
  /** `[[run:COMMAND]]`: what those calls run. */
  command: string | undefined;
  /** `[[subagent]]`, `[[subagent:4]]`: the first answer starts so many sub-agents at once. */
  subagents: number;
  /** `[[sub:tools=1,output=60]]`: directives for their prompts, with commas between them and `=` for the colon. */
  subagentDirectives: string;
  /** `[[slow:20s]]`, `[[slow:300ms]]`: time over which an answer is spread. */
  slowMs: number;
  /** `[[quiet:5s]]`: silence before the first output, as hidden thinking causes. */
  quietMs: number;
  /** `[[output:5000]]`: tokens of an answer, everything in it. */
  outputTokens: number | undefined;
  /** `[[thinking]]`, `[[thinking:500]]`: the part of them that is thinking. */
  thinkingTokens: number;
  /** `[[input:200]]`: prompt tokens outside of every cache. */
  inputTokens: number | undefined;
  /** `[[cache:write=1000,write1h=500,read=9000]]`. */
  cache: CacheTokens | undefined;
  /** `[[error:529]]`, `[[error:529x2]]`: so many requests are refused before one is answered. */
  error: { status: number; times: number };
  /** `[[cut]]`, `[[cut:3]]`: so many answers break off in the middle. */
  cuts: number;
  /** `[[hang]]`: headers, then nothing until the client leaves. */
  hang: boolean;
  /** `[[lie:missing]]`, `negative`, `absurd`: how the reported usage is wrong. */
  lie: Lie | undefined;
}

export interface CacheTokens {
  write5m: number;
  write1h: number;
  read: number;
}

const LIES = ["missing", "negative", "absurd"] as const;
export type Lie = (typeof LIES)[number];

const DEFAULT_THINKING_TOKENS = 64;

/** The directives in a prompt; words in brackets that are none of ours throw, so that no test runs on a typo. */
export function parseScript(prompt: string): Script {
  const script: Script = {
    tools: 0,
    command: undefined,
    subagents: 0,
    subagentDirectives: "",
    slowMs: 0,
    quietMs: 0,
    outputTokens: undefined,
    thinkingTokens: 0,
    inputTokens: undefined,
    cache: undefined,
    error: { status: 0, times: 0 },
    cuts: 0,
    hang: false,
    lie: undefined,
  };
  for (const [whole, name = "", value = ""] of prompt.matchAll(/\[\[(\w+)(?::([^\]]*))?\]\]/g)) {
    const set = SETTERS[name];
    if (set === undefined) throw new TypeError(`Unknown directive "${whole}"`);
    set(script, value);
  }
  return script;
}

const SETTERS: Record<string, (script: Script, value: string) => void> = {
  tools: (script, value) => script.tools = parseCount(value || "1"),
  run: (script, value) => script.command = value,
  subagent: (script, value) => script.subagents = parseCount(value || "1"),
  sub: (script, value) => script.subagentDirectives = directivesOf(value),
  slow: (script, value) => script.slowMs = parseDurationMs(value),
  quiet: (script, value) => script.quietMs = parseDurationMs(value),
  output: (script, value) => script.outputTokens = parseCount(value),
  thinking: (script, value) =>
    script.thinkingTokens = value === "" ? DEFAULT_THINKING_TOKENS : parseCount(value),
  input: (script, value) => script.inputTokens = parseCount(value),
  cache: (script, value) => script.cache = parseCache(value),
  error: (script, value) => script.error = parseError(value),
  cut: (script, value) => script.cuts = parseCount(value || "1"),
  hang: (script) => script.hang = true,
  lie: (script, value) => script.lie = parseLie(value),
};

function directivesOf(list: string): string {
  return list.split(",").filter(Boolean).map((item) => `[[${item.trim().replace("=", ":")}]]`).join(" ");
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`Expected a count in a directive: "${text}"`);
  return Number(text);
}

function parseDurationMs(text: string): number {
  const [, amount, unit] = /^(\d{1,6})(ms|s)$/.exec(text) ?? [];
  if (amount === undefined) throw new TypeError(`Expected a duration such as "20s" or "300ms": "${text}"`);
  return Number(amount) * (unit === "s" ? 1000 : 1);
}

function parseCache(text: string): CacheTokens {
  const cache: CacheTokens = { write5m: 0, write1h: 0, read: 0 };
  for (const item of text.split(",")) {
    const [name = "", count = ""] = item.trim().split("=");
    if (name === "write" || name === "write5m") cache.write5m = parseCount(count);
    else if (name === "write1h") cache.write1h = parseCount(count);
    else if (name === "read") cache.read = parseCount(count);
    else throw new TypeError(`Unknown cache class in a directive: "${item}"`);
  }
  return cache;
}

function parseError(text: string): Script["error"] {
  const [, status, times = "1"] = /^(\d{3})(?:x(\d{1,4}))?$/.exec(text) ?? [];
  if (status === undefined) throw new TypeError(`Expected an error such as "529x2": "${text}"`);
  return { status: Number(status), times: Number(times) };
}

function parseLie(text: string): Lie {
  const lie = LIES.find((name) => name === text);
  if (lie === undefined) throw new TypeError(`Unknown kind of wrong usage: "${text}"`);
  return lie;
}
