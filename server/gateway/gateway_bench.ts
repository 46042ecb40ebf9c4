// What the gate costs: time to the first byte, throughput, a hundred streams, memory; beside a direct connection.
// deno-lint-ignore-file no-console -- a command line tool
import { ApiClient } from "../testing/api_client.ts";
import { describeRuns, LOADS, runAgents } from "../testing/parallel_agents.ts";
import { endHolders, startProgram } from "../testing/running_program.ts";

const ROUNDS = 300;
const PARALLEL_RUNS = 200;
const STREAMS = 100;
const FRAMES = 2000;
const FRAME_EVERY_MS = 20;
const STREAM_SECONDS = 10;
const PROMPT_BYTES = 150_000;
const MODEL = "claude-opus-5-5";

const DELTA = frame({
  type: "content_block_delta",
  index: 0,
  delta: { type: "text_delta", text: "some words " },
});
const END =
  frame({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } }) +
  frame({ type: "message_stop" });

/** No two calls are alike, as no two of an agent's are. */
function startOf(number: number): string {
  const usage = { input_tokens: 1000 + number, output_tokens: 1 };
  return frame({ type: "message_start", message: { id: `msg_${number}`, model: MODEL, usage } });
}

function frame(event: { type: string } & Record<string, unknown>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** `short`: the prompt's usage, and a moment later a few words. `fast`: many as quickly as they are taken. `paced`: as a model writes. */
function serveUpstream(): Deno.HttpServer<Deno.NetAddr> {
  const encoder = new TextEncoder();
  let number = 0;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const kind = request.headers.get("x-bench");
    await request.arrayBuffer();
    const start = startOf(++number);
    const headers = { "content-type": "text/event-stream" };
    let left = kind === "short" ? 1 : kind === "fast" ? FRAMES : STREAM_SECONDS * 1000 / FRAME_EVERY_MS;
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(encoder.encode(start)),
        async pull(controller): Promise<void> {
          if (kind !== "fast") await new Promise((resolve) => setTimeout(resolve, FRAME_EVERY_MS));
          controller.enqueue(encoder.encode(left-- > 0 ? DELTA : END));
          if (left < 0) controller.close();
        },
      }, { highWaterMark: 0 }),
      { headers },
    );
  });
}

/** As an agent's: instructions, tools with their schemas, and a conversation that fills the rest. */
function requestBody(): string {
  const text = 'Prose and code, with "quotes" and\nlines, as agents send them. '.repeat(30);
  const property = { type: "string", description: "What this is for" };
  const properties = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`field${index}`, property]));
  const tools = Array.from({ length: 25 }, (_, index) => ({
    name: `tool${index}`,
    description: text.slice(0, 1000),
    input_schema: { type: "object", properties, required: ["field1"] },
  }));
  const system = [{ type: "text", text: text.repeat(8), cache_control: { type: "ephemeral" } }];
  const messages: unknown[] = [];
  const request = { model: MODEL, max_tokens: 32_000, stream: true, system, tools, messages };
  while (JSON.stringify(request).length < PROMPT_BYTES) {
    const content = [{ type: "text", text: `${messages.length} ${text}` }];
    messages.push({ role: messages.length % 2 === 0 ? "user" : "assistant", content });
  }
  return JSON.stringify(request);
}

const body = requestBody();

function ask(base: string, kind: string): Promise<Response> {
  return fetch(`${base}/v1/messages`, { method: "POST", headers: { "x-bench": kind }, body });
}

async function firstByteMs(base: string): Promise<number> {
  const startedAt = performance.now();
  const response = await ask(base, "short");
  const reader = (response.body ?? new Blob().stream()).getReader();
  await reader.read();
  const passed = performance.now() - startedAt;
  while (!(await reader.read()).done);
  return passed;
}

async function megabytesPerSecond(base: string): Promise<number> {
  const startedAt = performance.now();
  const { byteLength } = await (await ask(base, "fast")).arrayBuffer();
  return byteLength / 1e6 / ((performance.now() - startedAt) / 1000);
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((left, right) => left - right);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
}

async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function describeTimes(values: readonly number[]): string {
  return `p50 ${percentile(values, 0.5)} p95 ${percentile(values, 0.95)} ms`;
}

async function measureFirstByte(direct: string, gated: string): Promise<void> {
  const times: { direct: number[]; gated: number[] } = { direct: [], gated: [] };
  for (let round = -20; round < ROUNDS; round++) {
    const [one, other] = [await firstByteMs(direct), await firstByteMs(gated)];
    if (round < 0) continue;
    times.direct.push(one);
    times.gated.push(other);
  }
  const added = times.gated.map((time, index) => time - (times.direct[index] ?? 0));
  console.log(
    `gate, first byte of a request of 150 kB, ${ROUNDS} rounds: direct ${describeTimes(times.direct)}, ` +
      `gated ${describeTimes(times.gated)}, added ${describeTimes(added)} (bar p95 5 ms)`,
  );
}

async function measureThroughput(direct: string, gated: string): Promise<void> {
  const speeds: { direct: number[]; gated: number[] } = { direct: [], gated: [] };
  for (let round = 0; round < 7; round++) {
    speeds.direct.push(await megabytesPerSecond(direct));
    speeds.gated.push(await megabytesPerSecond(gated));
  }
  const [one, other] = [percentile(speeds.direct, 0.5), percentile(speeds.gated, 0.5)];
  console.log(`gate, one stream as fast as it goes: direct ${one} MB/s, gated ${other} MB/s`);
}

async function measureStreams(gated: string, pid: number): Promise<void> {
  const before = await residentMb(pid);
  const startedAt = performance.now();
  const streams = Array.from(
    { length: STREAMS },
    async () => (await (await ask(gated, "paced")).text()).length,
  );
  await new Promise((resolve) => setTimeout(resolve, STREAM_SECONDS * 700));
  const during = await residentMb(pid);
  const meanwhile: number[] = [];
  for (let round = 0; round < 30; round++) meanwhile.push(await firstByteMs(gated));
  await Promise.all(streams);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `gate, ${STREAMS} streams of ${STREAM_SECONDS} s: done after ${seconds} s; RSS ${before} MB before, ` +
      `${during} MB during; first byte of others ${describeTimes(meanwhile)}`,
  );
}

async function measure(direct: string, gated: string, pid: number): Promise<void> {
  await measureFirstByte(direct, gated);
  await measureThroughput(direct, gated);
  await measureStreams(gated, pid);
}

/** Time to the first byte, throughput, streams and memory of the running program's gate, beside a direct connection. */
export async function benchGateLatency(): Promise<void> {
  const upstream = serveUpstream();
  const direct = `http://127.0.0.1:${upstream.addr.port}`;
  const directory = await Deno.makeTempDir();
  const program = await startProgram({
    dataDirectory: `${directory}/data`,
    env: { ...Deno.env.toObject(), ANTHROPIC_BASE_URL: direct },
  });
  try {
    const api = await ApiClient.signIn(program.printedUrl);
    await measure(direct, await openGate(api, directory), program.pid);
  } finally {
    await program.stop();
    await endHolders(program.dataDirectory);
    await upstream.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
}

/** Launches a session with a budget; answers where its agent would send its calls. */
async function openGate(api: ApiClient, directory: string): Promise<string> {
  const command = `sh -c 'echo "<$ANTHROPIC_BASE_URL>"; sleep 600'`;
  const budget = { usd: 100_000 };
  const { id } = await api.launch({ cwd: directory, command, budget, additions: { gateway: true } });
  const terminal = await api.openTerminal(id, { from: 0 });
  await terminal.until(() => /<http[^>]+>/.test(terminal.output.replaceAll(/\s/g, "")));
  const [, gated = ""] = /<(http[^>]+)>/.exec(terminal.output.replaceAll(/\s/g, "")) ?? [];
  await terminal.close();
  return gated;
}

/** Many agents against nearly spent budgets: 200 seeded runs of each load. */
export async function benchGateParallel(): Promise<void> {
  for (const [name, load] of Object.entries(LOADS)) {
    console.log(`${name}: ${describeRuns(await runAgents(load, PARALLEL_RUNS))}`);
  }
}

if (import.meta.main) {
  await benchGateLatency();
  if (Deno.args.includes("--parallel")) await benchGateParallel();
}
