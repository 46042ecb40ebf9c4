// A provider whose answers have random lengths and come in real time, only faster: it makes no more than is taken, and bills that.
import { randomInt, seededRandom } from "../usage/testdata/seeded_random.ts";

export const PACED_MODEL = "claude-opus-5-5";
/** Providers write at some 100 tokens a second: these are 100 times as fast, in pieces as small. */
const FRAME_TOKENS = 48;
const FRAME_MS = 4;

/** What one answer really took. */
export interface Bill {
  session: string;
  input: number;
  output: number;
}

/** Answers of random length, each frame made only when it is due, and a bill of what was made. */
export class PacedProvider {
  readonly bills: Bill[] = [];
  readonly #random: () => number;
  readonly #maxOutput: number;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ seed, maxOutput }: { seed: number; maxOutput: number }) {
    this.#random = seededRandom(seed);
    this.#maxOutput = maxOutput;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#serve(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  close(): Promise<void> {
    return this.#server.shutdown();
  }

  async #serve(request: Request): Promise<Response> {
    const text = await request.text();
    if (request.url.includes("count_tokens")) return Response.json({ input_tokens: text.length >> 2 });
    const bill = {
      session: request.headers.get("x-test-session") ?? "",
      input: Math.floor(text.length * (0.15 + this.#random() / 10)),
      output: 0,
    };
    this.bills.push(bill);
    const stream = this.#answer(bill, randomInt(this.#random, 1, this.#maxOutput));
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }

  #answer(bill: Bill, length: number): ReadableStream<Uint8Array> {
    const word = randomInt(this.#random, 0, 1) === 0 ? "text " : "word";
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hasLeft = false;
    return new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(frame(startOf(bill)))),
      pull: (controller) =>
        new Promise((resolve) => {
          timer = setTimeout(() => {
            if (hasLeft) return resolve();
            const tokens = Math.min(FRAME_TOKENS, length - bill.output);
            bill.output += tokens;
            const delta = { type: "text_delta", text: word.repeat(tokens) };
            const isLast = bill.output === length;
            const end = isLast ? frame(endOf(bill)) + frame({ type: "message_stop" }) : "";
            const events = frame({ type: "content_block_delta", index: 0, delta }) + end;
            controller.enqueue(new TextEncoder().encode(events));
            // The other side may have gone at the very sight of it.
            if (isLast && !hasLeft) controller.close();
            resolve();
          }, FRAME_MS);
        }),
      cancel: () => {
        hasLeft = true;
        clearTimeout(timer);
      },
    }, { highWaterMark: 0 });
  }
}

function frame(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function startOf({ input }: Bill): { type: string } & Record<string, unknown> {
  const usage = { input_tokens: input, output_tokens: 1 };
  return { type: "message_start", message: { id: crypto.randomUUID(), model: PACED_MODEL, usage } };
}

function endOf({ output }: Bill): { type: string } & Record<string, unknown> {
  return { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: output } };
}
