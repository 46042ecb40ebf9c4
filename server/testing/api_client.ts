// A page without a browser: signs in, calls the api, and follows terminals over the socket.
import {
  ACK_EVERY_BYTES,
  decodeFrame,
  decodeSnapshot,
  encodeFrame,
  FRAME,
  type LaunchRequest,
  type ServerMessage,
  type SessionView,
} from "../protocol.ts";

/** Longest wait for anything; a test that needs it has failed anyway. */
const PATIENCE_MS = 20_000;

/** Deno's own sockets take headers; the browser types that a test library brings along do not know that. */
const SocketWithHeaders = WebSocket as unknown as new (
  url: string,
  options: { headers: Record<string, string>; client?: Deno.HttpClient },
) => WebSocket;

export class ApiClient {
  readonly origin: string;
  readonly headers: Record<string, string>;

  private constructor(origin: string, headers: Record<string, string>) {
    this.origin = origin;
    this.headers = headers;
  }

  /** Exchanges the code of a printed address. */
  static async signIn(url: string): Promise<ApiClient> {
    const { origin, hash } = new URL(url);
    const headers = { origin, "content-type": "application/json" };
    const response = await fetch(`${origin}/api/login`, {
      method: "POST",
      headers,
      body: JSON.stringify({ code: hash.slice("#k=".length) }),
    });
    const { pageKey } = await response.json();
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    return new ApiClient(origin, { ...headers, cookie, "x-page-key": pageKey });
  }

  /** The JSON answer; throws for a status that is none of success. */
  async call<Answer>(path: string, options: { method?: string; body?: unknown } = {}): Promise<Answer> {
    const response = await fetch(this.origin + path, {
      method: options.method ?? "GET",
      headers: this.headers,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${options.method ?? "GET"} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  launch(request: LaunchRequest): Promise<SessionView> {
    return this.call("/api/sessions", { method: "POST", body: request });
  }

  /** Waits, asking again, until a session is as wanted. */
  async waitFor(id: string, wanted: (session: SessionView) => boolean): Promise<SessionView> {
    const giveUpAtMs = Date.now() + PATIENCE_MS;
    for (;;) {
      const session = await this.call<SessionView>(`/api/sessions/${id}`);
      if (wanted(session)) return session;
      if (Date.now() > giveUpAtMs) throw new Error(`The session stayed ${JSON.stringify(session)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  waitForEnd(id: string): Promise<SessionView> {
    return this.waitFor(id, ({ lifecycle }) => lifecycle === "ended");
  }

  /** The whole raw recording. */
  async recording(id: string): Promise<Uint8Array> {
    const response = await fetch(`${this.origin}/api/sessions/${id}/recording`, { headers: this.headers });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Attaches to a terminal; `from` resumes, `client` takes another way there. */
  async openTerminal(
    sessionId: string,
    { client, ...wish }: { from?: number; client?: Deno.HttpClient } = {},
  ): Promise<TerminalClient> {
    const socket = new SocketWithHeaders(this.origin.replace("http", "ws") + "/socket", {
      headers: { origin: this.origin, cookie: this.headers["cookie"] ?? "" },
      ...(client ? { client } : {}),
    });
    const terminal = new TerminalClient(socket);
    await terminal.subscribe({ key: this.headers["x-page-key"] ?? "", sessionId, ...wish });
    return terminal;
  }
}

/** One attached terminal: collects what it is sent and acknowledges it. */
export class TerminalClient {
  readonly messages: ServerMessage[] = [];
  /** Output since the last snapshot, or since where it began. */
  output = "";
  /** Bytes received in all, snapshots included. */
  receivedBytes = 0;
  /** Where `output` begins. */
  startOffset = 0;
  offset = 0;
  snapshot: { cols: number; rows: number; ansi: string; offset: number } | undefined;
  closed: CloseEvent | undefined;
  readonly #socket: WebSocket;
  readonly #decoder = new TextDecoder();
  readonly #waiters = new Set<() => void>();
  #channel = 0;
  #acknowledged = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = (event) => {
      this.closed = event;
      this.#wake();
    };
  }

  async subscribe(
    { key, ...wish }: { key: string; sessionId: string; from?: number },
  ): Promise<void> {
    this.#socket.onopen = () => this.send({ type: "auth", key });
    await this.until(() => this.messages.some(({ type }) => type === "ready"));
    this.send({ type: "subscribe", request: 1, ...wish });
    await this.until(() => this.#channel > 0 || this.messages.some(({ type }) => type === "error"));
  }

  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  type(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#socket.send(encodeFrame({ kind: FRAME.input, channel: this.#channel, offset: 0, bytes }));
  }

  resize(cols: number, rows: number): void {
    this.send({ type: "resize", channel: this.#channel, cols, rows, takeOver: true });
  }

  /** Resolves once `condition` holds; rejects with what came instead. */
  async until(condition: () => boolean): Promise<void> {
    const giveUp = AbortSignal.timeout(PATIENCE_MS);
    while (!condition()) {
      if (this.closed) throw new Error(`The socket closed: ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve, reject) => {
        this.#waiters.add(resolve);
        giveUp.addEventListener(
          "abort",
          () =>
            reject(
              new Error(`Waited in vain; the output ends with ${JSON.stringify(this.output.slice(-500))}`),
            ),
          { once: true },
        );
      });
    }
  }

  async untilOutput(text: string): Promise<void> {
    await this.until(() => this.output.includes(text));
  }

  async close(): Promise<void> {
    this.#socket.close();
    while (!this.closed) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  #receive(data: unknown): void {
    if (typeof data === "string") this.#receiveMessage(JSON.parse(data));
    else if (data instanceof ArrayBuffer) this.#receiveFrame(data);
    this.#wake();
  }

  #receiveMessage(message: ServerMessage): void {
    this.messages.push(message);
    if (message.type !== "subscribed") return;
    this.#channel = message.channel;
    this.offset = message.offset;
    this.startOffset = message.offset;
    this.#acknowledged = message.offset;
  }

  #receiveFrame(data: ArrayBuffer): void {
    this.receivedBytes += data.byteLength;
    const frame = decodeFrame(data);
    if (frame?.kind === FRAME.snapshot) {
      const snapshot = decodeSnapshot(frame.bytes);
      if (!snapshot) throw new Error("A snapshot frame is too short");
      this.snapshot = { ...snapshot, ansi: new TextDecoder().decode(snapshot.ansi), offset: frame.offset };
      this.offset = frame.offset;
      this.startOffset = frame.offset;
      this.#acknowledged = frame.offset;
      this.output = "";
    } else if (frame?.kind === FRAME.output) {
      if (frame.offset !== this.offset) {
        throw new Error(`Expected offset ${this.offset}, got ${frame.offset}`);
      }
      this.output += this.#decoder.decode(frame.bytes, { stream: true });
      this.offset += frame.bytes.length;
      this.#acknowledge();
    }
  }

  /** As rarely as a page does: an answer to each frame would hold back the next key in the system's send buffer. */
  #acknowledge(): void {
    if (this.offset - this.#acknowledged < ACK_EVERY_BYTES) return;
    this.#acknowledged = this.offset;
    this.send({ type: "ack", channel: this.#channel, offset: this.offset });
  }

  #wake(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
