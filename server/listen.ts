// Opens the two listeners on the loopback address, and nowhere else.
import { AppError } from "./errors.ts";

const HOSTNAME = "127.0.0.1";
/** How many ports after the default one are tried. */
const MAX_TRIES = 50;

export interface ListenOptions {
  port: number;
  /** An asked-for port is not replaced by the next free one. */
  exact: boolean;
  /** Made once the port is known. */
  createHandler: (port: number) => (request: Request) => Response | Promise<Response>;
}

/** Binds a port. Throws `conflict` when it is taken and exact, or when no port is free. */
export function listen({ port, exact, createHandler }: ListenOptions): Deno.HttpServer<Deno.NetAddr> {
  for (let at = port; at < port + MAX_TRIES && at < 65536; at++) {
    const probe = bind(at);
    if (!probe) {
      if (exact) break;
      continue;
    }
    const bound = probe.addr.port;
    probe.close();
    return Deno.serve(
      { hostname: HOSTNAME, port: bound, onListen: () => {}, onError: breakOff },
      createHandler(bound),
    );
  }
  const reach = exact ? `Port ${port} is` : `Ports ${port} to ${port + MAX_TRIES - 1} are`;
  throw new AppError("conflict", `${reach} in use or not allowed: choose another with --port N`);
}

/** An answer that its source has broken off breaks off here too; whoever broke it has told why. */
function breakOff(): Response {
  return new Response(null, { status: 500 });
}

function bind(port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname: HOSTNAME, port });
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse || cause instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    throw cause;
  }
}
