// A loopback receiver that keeps every request as it came: for telemetry and hooks of real agents.

export interface RecordedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  atMs: number;
}

/** What to answer; `{}` where nothing else is said. */
export type Reply = (request: RecordedRequest) => unknown;

export class RequestRecorder {
  readonly requests: RecordedRequest[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #watchers = new Set<() => void>();

  private constructor(reply: Reply) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      const recorded = {
        method: request.method,
        path: new URL(request.url).pathname,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        atMs: Date.now(),
      };
      this.requests.push(recorded);
      for (const watcher of [...this.#watchers]) watcher();
      return Response.json(reply(recorded) ?? {});
    });
  }

  static start(reply: Reply = () => ({})): RequestRecorder {
    return new RequestRecorder(reply);
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Parsed bodies of what came to a path, in order. */
  bodies(path: string): unknown[] {
    return this.requests.filter((request) => request.path === path && request.body !== "")
      .map((request) => JSON.parse(request.body));
  }

  /** Resolves once the condition holds; rejects after the time with the paths that came. */
  waitFor(condition: (recorder: RequestRecorder) => boolean, timeoutMs = 30_000): Promise<void> {
    if (condition(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        const paths = this.requests.map(({ path }) => path).join(" ");
        reject(new Error(`The expected request never came; these did: ${paths}`));
      }, timeoutMs);
      const check = (): void => {
        if (!condition(this)) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
    });
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }
}
