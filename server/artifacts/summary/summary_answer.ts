// Reads a model's answer: a title and a few sentences, as JSON, whatever is put around it.
import * as z from "zod";

export const MAX_TITLE_WORDS = 8;
const MAX_TITLE_CHARACTERS = 120;
const MAX_TEXT_CHARACTERS = 1200;
/** Control characters, and marks that reorder or hide what surrounds them. */
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

export interface SummaryText {
  title: string;
  text: string;
}

const line = z.string().transform((text) => text.replace(/\s+/g, " ").replace(UNSEEN, "").trim());
const ANSWER = z.object({
  title: line.pipe(z.string().min(1).max(MAX_TITLE_CHARACTERS)),
  summary: line.pipe(z.string().min(1).max(MAX_TEXT_CHARACTERS)),
});

/** What the answer says, or what is wrong with it. A last answer's title is cut where another would be asked for. */
export function readAnswer(
  answer: string,
  { isLast }: { isLast: boolean },
): SummaryText | { problem: string } {
  const value = parseJson(answer);
  if (value === undefined) return { problem: "it is not JSON" };
  const read = ANSWER.safeParse(value);
  if (!read.success) return { problem: problemOf(read.error) };
  const { title, summary } = read.data;
  const words = title.replace(/^["']|["'.]+$/g, "").split(" ");
  if (words.length > MAX_TITLE_WORDS && !isLast) {
    return { problem: `its title has ${words.length} words, more than ${MAX_TITLE_WORDS}` };
  }
  return { title: words.slice(0, MAX_TITLE_WORDS).join(" "), text: summary };
}

/** The object inside of fences or sentences; undefined when there is none. */
function parseJson(answer: string): unknown {
  const from = answer.indexOf("{");
  const to = answer.lastIndexOf("}");
  if (from === -1 || to < from) return undefined;
  try {
    return JSON.parse(answer.slice(from, to + 1));
  } catch {
    return undefined; // the caller says so to whoever wrote it
  }
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join(".") || "it";
  return issue?.code === "too_big" ? `"${field}" is too long` : `"${field}" is missing or no text`;
}
