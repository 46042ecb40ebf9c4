// A program whose every byte a test decides: parts that are written to the terminal one by one, on demand.
import { createHash } from "node:crypto";
import { PlainTerminal } from "../holder/screen/testing/plain_terminal.ts";
import type { ApiClient } from "../testing/api_client.ts";
import type { SessionView, Timeline } from "../protocol.ts";

const PLAYER = new URL("./testdata/play.sh", import.meta.url).pathname;
const SCROLLBACK_LINES = 10_000;

export class Emitter {
  readonly command = `sh ${PLAYER}`;
  readonly directory: string;
  #parts = 0;

  /** `directory` is the one the command must be launched in. */
  constructor(directory: string) {
    this.directory = directory;
    Deno.mkdirSync(`${directory}/parts`);
    Deno.mkdirSync(`${directory}/go`);
  }

  /** Starts the program as a session. */
  launch(api: ApiClient, size: { cols?: number; rows?: number } = {}): Promise<SessionView> {
    return api.launch({ cwd: this.directory, command: this.command, ...size });
  }

  /** Lets the program write a part; answers once it has. */
  async emit(part: Uint8Array | string): Promise<void> {
    const bytes = typeof part === "string" ? new TextEncoder().encode(part) : part;
    const before = this.emitted().length;
    const index = this.#parts++;
    await Deno.writeFile(`${this.directory}/parts/${index}`, bytes);
    await Deno.writeTextFile(`${this.directory}/go/${index}`, "");
    while (this.emitted().length < before + bytes.length) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Lets the program end by itself. */
  async end(): Promise<void> {
    await Deno.writeTextFile(`${this.directory}/go/end`, "");
  }

  /** What the program wrote, as it noted it itself. */
  emitted(): Uint8Array {
    try {
      return Deno.readFileSync(`${this.directory}/emitted`);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return new Uint8Array();
      throw cause;
    }
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The text of a terminal that read a session from its first byte with every change of size, up to an offset. */
export async function expectedText(
  api: ApiClient,
  id: string,
  until = Infinity,
): Promise<string> {
  const bytes = await api.recording(id);
  const timeline = await api.call<Timeline>(`/api/sessions/${id}/timeline`);
  const terminal = new PlainTerminal({
    cols: timeline.cols,
    rows: timeline.rows,
    scrollback: SCROLLBACK_LINES,
  });
  let at = 0;
  for (const resize of timeline.resizes.filter(({ offset }) => offset <= until)) {
    terminal.write(bytes.subarray(at, resize.offset));
    terminal.resize(resize);
    at = resize.offset;
  }
  terminal.write(bytes.subarray(at, until));
  return textOf(terminal);
}

/** As the page reads its own terminal: wrapped lines joined, nothing at the end. */
function textOf({ terminal }: PlainTerminal): string {
  const buffer = terminal.buffer.active;
  let text = "";
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const goesOn = buffer.getLine(y + 1)?.isWrapped ?? false;
    text += (line?.isWrapped || y === 0 ? "" : "\n") +
      (line?.translateToString(!goesOn, 0, terminal.cols) ?? "");
  }
  return text.trimEnd();
}

/** Waits until a session has recorded as much as was emitted. */
export async function untilRecorded(api: ApiClient, session: SessionView, emitter: Emitter): Promise<void> {
  const { length } = emitter.emitted();
  await api.waitFor(session.id, ({ recordedBytes }) => recordedBytes >= length);
}
