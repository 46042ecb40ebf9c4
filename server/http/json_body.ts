// Reads and checks a JSON body: size and depth are limited while it comes in, unknown keys are refused.
import * as z from "zod";
import { AppError } from "../errors.ts";

const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
/** A body that takes longer than this is given up. */
const BODY_TIMEOUT_MS = 30_000;

/** The body as `schema` describes it. Throws `invalid` naming the field, or `too_large`. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readText(request, MAX_BODY_BYTES);
  return checkShape(parseJson(text === "" ? "{}" : text), schema);
}

/** A body of any shape, for those who read it without trust. Throws `unsupported_media`, `invalid` or `too_large`. */
export async function readLooseJson(request: Request, maxBytes: number): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    throw new AppError("unsupported_media", "Send JSON: content-type application/json");
  }
  return parseJson(await readText(request, maxBytes));
}

/** Checks any outside value against a schema. Throws `invalid` naming the first wrong field. */
export function checkShape<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
  throw new AppError("invalid", describeIssue(issue, field), field ? { field } : {});
}

function describeIssue(issue: z.core.$ZodIssue | undefined, field: string | undefined): string {
  if (!issue) return "The request is not understood";
  if (issue.code === "unrecognized_keys") return `Unknown field "${field}"`;
  return field ? `"${field}": ${issue.message}` : issue.message;
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  if (!request.body) return "";
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), BODY_TIMEOUT_MS);
  try {
    let text = "";
    let bytes = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("too_large", `The request is larger than ${maxBytes / 1024} KiB`);
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", "The request is not valid JSON", { cause });
  }
  if (depthOf(value, 0) > MAX_DEPTH) {
    throw new AppError("invalid", `The JSON is nested deeper than ${MAX_DEPTH} levels`);
  }
  return value;
}

function depthOf(value: unknown, above: number): number {
  if (typeof value !== "object" || value === null || above > MAX_DEPTH) return above;
  return Object.values(value).reduce(
    (deepest: number, part) => Math.max(deepest, depthOf(part, above + 1)),
    above + 1,
  );
}
