// A holder of the first version of the protocol, played by a few lines over a real socket.
import assert from "node:assert/strict";
import { RemoteHolder } from "./remote_holder.ts";
import { StreamLink } from "./stream_link.ts";

Deno.test("a holder that knows no changes of pausing is not asked for them, and goes on", async () => {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  const listener = Deno.listen({ transport: "unix", path });
  const asked: unknown[] = [];
  const serving = listener.accept().then((connection) =>
    new StreamLink({
      connection,
      onMessage: ({ body }) => {
        const message = body as { id?: number; operation?: string };
        if (message.id === undefined) {
          const welcome = { protocol: 1, version: "1", pid: 1 };
          void serving.then((link) => link.send({ body: { welcome } }));
          return;
        }
        asked.push(message.operation);
        void serving.then((link) => link.send({ body: { id: message.id, value: [] } }));
      },
      onClose: () => {},
    })
  );
  const { holder } = await RemoteHolder.greet({
    connection: await Deno.connect({ transport: "unix", path }),
    secret: "s",
    version: "2",
    onEvent: () => {},
    onGone: () => {},
  });
  await holder.setPauseUnsupervised({ session: "a", on: true });
  assert.deepEqual(await holder.listRunning(), []);
  assert.deepEqual(asked, ["listRunning"]);
  holder.close();
  (await serving).close();
  listener.close();
});
