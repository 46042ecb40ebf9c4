// Stand-ins for `claude` and `codex`: shell scripts that report, write and print what the real ones do.
import { dirname, join } from "node:path";
import { otlpAttributes } from "./otlp_attributes.ts";

/** A model call as Claude Code posts it. */
export interface FakeCall {
  requestId: string;
  model?: string;
  input?: number;
  output?: number;
  cacheRead?: number;
  cacheWrite?: number;
  costUsd?: number;
}

/** Puts executable scripts into a directory that is to be in PATH. */
export async function writeScripts(directory: string, scripts: Record<string, string>): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  for (const [name, text] of Object.entries(scripts)) {
    await Deno.writeTextFile(join(directory, name), `#!/bin/bash\n${text}`, { mode: 0o755 });
  }
}

/** The body of a `/v1/logs` request. */
export function otlpBody(calls: readonly FakeCall[], atMs = Date.now()): Record<string, unknown> {
  const logRecords = calls.map((call, index) => ({
    timeUnixNano: `${atMs}000000`,
    body: { stringValue: "claude_code.api_request" },
    attributes: otlpAttributes({
      "event.name": "api_request",
      "event.sequence": index,
      "session.id": "00000000-0000-4000-8000-000000000000",
      model: call.model ?? "claude-opus-4-5",
      request_id: call.requestId,
      input_tokens: call.input ?? 0,
      output_tokens: call.output ?? 0,
      cache_read_tokens: call.cacheRead ?? 0,
      cache_creation_tokens: call.cacheWrite ?? 0,
      ...(call.costUsd === undefined ? {} : { cost_usd: call.costUsd }),
    }),
  }));
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
}

/** One line of Claude's transcript. */
export function transcriptLine(call: FakeCall & { messageId: string; atMs?: number }): string {
  return JSON.stringify({
    type: "assistant",
    timestamp: new Date(call.atMs ?? Date.now()).toISOString(),
    requestId: call.requestId,
    message: {
      id: call.messageId,
      model: call.model ?? "claude-opus-4-5",
      stop_reason: "end_turn",
      usage: {
        input_tokens: call.input ?? 0,
        output_tokens: call.output ?? 0,
        cache_read_input_tokens: call.cacheRead ?? 0,
        cache_creation_input_tokens: call.cacheWrite ?? 0,
      },
    },
  });
}

/** Appends to a file whose directory may not be there yet. */
export async function appendLine(path: string, line: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, `${line}\n`, { append: true });
}

/** Shell functions for scripts: `field NAME` of the settings file, `post BODY` to the receiver, `leave ID`. */
export const CLAUDE_PRELUDE = `
settings=""; id=""
args=("$@")
for ((i = 0; i < \${#args[@]}; i++)); do
  case "\${args[i]}" in
    --settings) settings="\${args[i+1]}" ;;
    --session-id | --resume) id="\${args[i+1]}" ;;
  esac
done
field() { sed -n "s/.*\\"$1\\": \\"\\(.*\\)\\".*/\\1/p" "$settings" | head -1; }
post() {
  local url; url=$(field OTEL_EXPORTER_OTLP_ENDPOINT)
  local header; header=$(field OTEL_EXPORTER_OTLP_HEADERS)
  curl -s -o /dev/null -H "content-type: application/json" -H "\${header/=/: }" -d "$1" "$url/v1/logs"
}
leave() { printf '\\n\\033[2mResume this session with:\\033[22m\\r\\n\\033[2mclaude --resume %s\\033[22m\\r\\n' "$id"; exit 0; }
`;

/** A `claude` whose lines are model calls: `MODEL PROMPT` is asked as the settings file says, `/exit` leaves. */
export const ASKING_CLAUDE = `${CLAUDE_PRELUDE}
ask() {
  local body='{"model":"MODEL","max_tokens":32000,"stream":true,"messages":[{"role":"user","content":"PROMPT"}]}'
  body="\${body/MODEL/$1}"; body="\${body/PROMPT/$2}"
  curl -s -N -o /dev/null -w "%{http_code}" -H "content-type: application/json" \
    -H "$(field ANTHROPIC_CUSTOM_HEADERS)" -d "$body" "$(field ANTHROPIC_BASE_URL)/v1/messages"
}
trap 'echo interrupted' INT
echo ready
while read -r model prompt; do
  [ "$model" = /exit ] && leave
  echo "asked $model"
  echo "answered with $(ask "$model" "$prompt")"
done
`;
