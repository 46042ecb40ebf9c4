// Turns a request and its script into the answer: which parts it has, how long they are, what they cost.
import type { Ask } from "./ask.ts";
import type { Script } from "./script.ts";
import { promptUsage, TOOL_CALL_TOKENS, type Usage, wantedOutputTokens } from "./usage.ts";

export type Part =
  | { kind: "thinking"; tokens: number }
  | { kind: "text"; tokens: number; text: string }
  | ToolPart;

export interface ToolPart {
  kind: "tool";
  tokens: number;
  name: string;
  /** Arguments; as code when the tool takes plain text. */
  input: Record<string, unknown> | string;
  namespace?: string;
}

const WAIT_TOOL = "collaboration.wait_agent";

export interface Answer {
  parts: Part[];
  usage: Usage;
  stop: "end" | "tool" | "max_tokens";
}

/** The whole answer, known before its first byte is sent. */
export function planAnswer(ask: Ask, script: Script): Answer {
  const calls = toolCalls(ask, script);
  const wanted = wantedOutputTokens(ask, script, calls.length);
  const output = Math.min(wanted, ask.maxOutputTokens ?? Infinity);
  const reasoning = ask.lane === "title" ? 0 : Math.min(script.thinkingTokens, output);
  const whole = output === wanted;
  const textTokens = output - reasoning - (whole ? calls.length * TOOL_CALL_TOKENS : 0);
  const parts: Part[] = [
    ...(reasoning > 0 ? [{ kind: "thinking" as const, tokens: reasoning }] : []),
    ...(textTokens > 0 ? [{ kind: "text" as const, tokens: textTokens, text: textOf(ask, textTokens) }] : []),
    ...(whole ? calls : []),
  ];
  const stop = !whole ? "max_tokens" : calls.length > 0 ? "tool" : "end";
  return { parts, usage: { ...promptUsage(ask, script), output, reasoning }, stop };
}

function toolCalls(ask: Ask, script: Script): ToolPart[] {
  if (ask.lane === "title") return [];
  if (ask.step === 0 && script.subagents > 0) {
    return Array.from({ length: script.subagents }, (_, index) => subagentCall(ask, script, index + 1))
      .filter((call) => call !== undefined);
  }
  if (ask.step === 1 && script.subagents > 0 && ask.tools.has(WAIT_TOOL)) return [waitCall()];
  const toolStep = ask.step - (script.subagents === 0 ? 0 : ask.tools.has(WAIT_TOOL) ? 2 : 1);
  const call = toolStep < script.tools ? shellCall(ask, script, toolStep + 1) : undefined;
  return call === undefined ? [] : [call];
}

/** A shell call as the client at hand names it; undefined when it offers none. */
function shellCall(ask: Ask, script: Script, number: number): ToolPart | undefined {
  const command = script.command ?? `echo step ${number}`;
  const tokens = TOOL_CALL_TOKENS;
  if (ask.tools.has("Bash")) {
    return { kind: "tool", tokens, name: "Bash", input: { command, description: `Run step ${number}` } };
  }
  if (ask.tools.has("exec_command")) {
    return { kind: "tool", tokens, name: "exec_command", input: { cmd: command } };
  }
  if (ask.tools.has("functions.exec")) {
    const input = `const result = await tools.exec_command({ cmd: ${
      JSON.stringify(command)
    } }); text(result);`;
    return { kind: "tool", tokens, name: "exec", namespace: "functions", input };
  }
  return undefined;
}

function subagentCall(ask: Ask, script: Script, number: number): ToolPart | undefined {
  const prompt = `Sub-agent task ${number}. ${script.subagentDirectives}`.trim();
  const tokens = TOOL_CALL_TOKENS;
  const name = ["Agent", "Task"].find((candidate) => ask.tools.has(candidate));
  if (name !== undefined) {
    const description = `Do task ${number}`;
    const input = { description, prompt, subagent_type: "general-purpose", run_in_background: false };
    return { kind: "tool", tokens, name, input };
  }
  if (!ask.tools.has("collaboration.spawn_agent")) return undefined;
  const input = { task_name: `task_${number}`, message: prompt, fork_turns: "none" };
  return { kind: "tool", tokens, name: "spawn_agent", namespace: "collaboration", input };
}

/** Codex's sub-agents run on their own: without this the session may end before they do. */
function waitCall(): ToolPart {
  const common = { kind: "tool" as const, tokens: TOOL_CALL_TOKENS, namespace: "collaboration" };
  return { ...common, name: "wait_agent", input: { timeout_ms: 10_000 } };
}

/** Five bytes a token, so that a bound by bytes holds; titles are JSON, as the client asks for it. */
function textOf(ask: Ask, tokens: number): string {
  if (ask.lane === "title") return JSON.stringify({ title: "Fake session title" });
  const words = Array.from({ length: tokens }, (_, index) => (index + 1) % 12 === 0 ? "word\n" : "word ");
  return words.join("");
}
