// One request for an answer, in terms that all APIs share.

/** Which part of an agent asks: its main conversation, a helper of it, or the namer of the session. */
export type Lane = "main" | "subagent" | "title";

export interface Ask {
  api: "messages" | "responses" | "chat";
  model: string;
  lane: Lane;
  stream: boolean;
  /** The last thing a person (or, in a sub-agent, its parent) asked for; the directives are in here. */
  prompt: string;
  /** Answers given since then: the next one is answer number `step`. */
  step: number;
  /** Answers given in the whole conversation. */
  answersBefore: number;
  /** Names of the tools the client offers. */
  tools: ReadonlySet<string>;
  maxOutputTokens: number | undefined;
  /** The conversation as the client names it. */
  sessionId: string | undefined;
}

/** One message of a conversation, reduced to what a script depends on. */
export interface Turn {
  role: "user" | "assistant" | "other";
  /** Text a person wrote; empty for tool results and for what the client adds by itself. */
  text: string;
}

/** Where a conversation stands: its last prompt and the answers given since and before. */
export function readTurns(turns: readonly Turn[]): Pick<Ask, "prompt" | "step" | "answersBefore"> {
  const at = turns.findLastIndex((turn) => turn.role === "user" && turn.text !== "");
  const answersIn = (part: readonly Turn[]): number => part.filter(isAnswerEnd).length;
  return {
    prompt: turns[at]?.text ?? "",
    step: answersIn(turns.slice(at + 1)),
    answersBefore: answersIn(turns),
  };
}

/** Several assistant items in a row are one answer: the last of them counts. */
function isAnswerEnd(turn: Turn, index: number, turns: readonly Turn[]): boolean {
  return turn.role === "assistant" && turns[index + 1]?.role !== "assistant";
}
