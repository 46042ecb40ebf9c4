// A loopback receiver that keeps every request as it came: for telemetry and hooks of real agents.
import { Watchers } from "./watchers.ts";

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
  readonly #watchers = new Watchers();

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
      this.#watchers.notify();
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
  waitFor(condition: (recorder: RequestRecorder) => boolean, timeoutMs?: number): Promise<void> {
    return this.#watchers.until(() => condition(this), {
      timeoutMs,
      failure: () =>
        `The expected request never came; these did: ${this.requests.map(({ path }) => path).join(" ")}`,
    });
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }
}
