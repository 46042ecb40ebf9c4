import assert from "node:assert/strict";
import { Supervision } from "./supervision.ts";

async function supervise(options: { busy: boolean; clients: number }): Promise<string[]> {
  const events: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const tell = (event: string): void => {
    events.push(event);
    resolve();
  };
  const supervision = new Supervision({
    isBusy: () => options.busy,
    onUnsupervised: () => tell("unsupervised"),
    onUnneeded: () => tell("unneeded"),
    patienceMs: 5,
  });
  supervision.setClients(options.clients);
  const timeout = setTimeout(resolve, 50);
  await promise;
  clearTimeout(timeout);
  supervision.close();
  return events;
}

Deno.test("a holder with nothing to hold and nobody to serve is unneeded", async () => {
  assert.deepEqual(await supervise({ busy: false, clients: 0 }), ["unneeded"]);
});

Deno.test("sessions without a server are unsupervised", async () => {
  assert.deepEqual(await supervise({ busy: true, clients: 0 }), ["unsupervised"]);
});

Deno.test("nothing happens while a server is there", async () => {
  assert.deepEqual(await supervise({ busy: true, clients: 1 }), []);
  assert.deepEqual(await supervise({ busy: false, clients: 1 }), []);
});
