// A connection that breaks: passes bytes on to a port, and cuts each connection after a random number of them.

export interface LossyProxyOptions {
  port: number;
  /** Where it listens. */
  socketPath: string;
  /** A number from 0 to 1, at random. */
  random: () => number;
  /** A connection is cut after at most so many bytes from the server. */
  maxBytes: number;
}

/** Starts a proxy on a unix socket; `client` connects through it, `close` ends it. */
export function startLossyProxy(
  options: LossyProxyOptions,
): { client: Deno.HttpClient; cuts: () => number; close(): void } {
  const listener = Deno.listen({ transport: "unix", path: options.socketPath });
  let cuts = 0;
  const accept = async (): Promise<void> => {
    for await (const near of listener) {
      pass(near, options).then(() => cuts++, () => near.close());
    }
  };
  void accept();
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: options.socketPath } });
  return {
    client,
    cuts: () => cuts,
    close: () => {
      listener.close();
      client.close();
    },
  };
}

async function pass(near: Deno.Conn, { port, random, maxBytes }: LossyProxyOptions): Promise<void> {
  const far = await Deno.connect({ hostname: "127.0.0.1", port });
  let left = Math.ceil(random() * maxBytes);
  const copy = async (from: Deno.Conn, to: Deno.Conn, limited: boolean): Promise<void> => {
    const buffer = new Uint8Array(16 * 1024);
    for (let got = await from.read(buffer); got !== null && left > 0; got = await from.read(buffer)) {
      const part = limited ? buffer.subarray(0, Math.min(got, left)) : buffer.subarray(0, got);
      for (let at = 0; at < part.length;) at += await to.write(part.subarray(at));
      if (limited) left -= part.length;
    }
  };
  await Promise.race([copy(near, far, false), copy(far, near, true)]).catch(() => {});
  for (const connection of [near, far]) connection.close();
}
