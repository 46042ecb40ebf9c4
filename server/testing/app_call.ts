// A call of the application with the headers that a test chooses.
import { TEST_ORIGIN, type TestApp } from "./test_app.ts";

export interface AppAnswer {
  status: number;
  /** What is no JSON object is in `text`. */
  body: Record<string, unknown> & { error?: { code: string; message: string; field?: string } };
}

/** A text is sent as it is, anything else as JSON. */
export async function callApp(
  t: TestApp,
  path: string,
  options: { method?: string; headers: Record<string, string>; body?: unknown },
): Promise<AppAnswer> {
  const response = await t.app.request(TEST_ORIGIN + path, {
    method: options.method ?? "GET",
    headers: options.headers,
    ...(options.body === undefined
      ? {}
      : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : { text } };
}
