// What real agent CLIs wrote to a terminal of 120 columns and 40 rows.

export const RECORDED_SIZE = { cols: 120, rows: 40 };

export const RECORDINGS = [
  "claude-permission-question-interrupt-osc7501",
  "claude-status-line-tools-slow-stream",
  "codex-resume-then-quit",
] as const;

/** The chunks of a recording, in order. */
export function readRecording(name: typeof RECORDINGS[number]): Uint8Array[] {
  const lines = Deno.readTextFileSync(new URL(`../testdata/${name}.jsonl`, import.meta.url)).trim().split(
    "\n",
  );
  const encoder = new TextEncoder();
  return lines.map((line) => encoder.encode(String((JSON.parse(line) as unknown[])[1])));
}
