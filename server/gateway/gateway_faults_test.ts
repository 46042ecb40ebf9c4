import assert from "node:assert/strict";
import { billedUsage } from "../testing/fake_provider/request_log.ts";
import { ask, messageOf, testGateway, until, USD } from "../testing/gateway_asks.ts";
import { TestGateway } from "../testing/test_gateway.ts";

for (const status of [400, 401, 429, 500, 529]) {
  testGateway(`an upstream's ${status} goes through as it is and costs nothing`, {
    limits: { day: { nanoUsd: USD } },
  }, async ({ provider, gate }) => {
    const response = await ask(gate, `[[error:${status}]]`);
    assert.equal(response.status, status);
    assert.match(await messageOf(response), /Fake/);
    assert.equal(response.headers.get("request-id"), provider.log.calls[0]?.requestId);
    assert.deepEqual([gate.ledger.length, gate.gateway.listInFlight().length], [0, 0]);
    const second = await ask(gate, `[[error:${status}]]`);
    assert.equal(second.status, 200);
    await second.text();
    assert.equal(gate.ledger.length, 1);
  });
}

for (const lie of ["missing", "negative", "absurd"]) {
  for (const stream of [true, false]) {
    testGateway(`a usage that is ${lie} is not believed (${stream ? "streamed" : "whole"})`, {
      limits: { day: { nanoUsd: USD } },
    }, async ({ gate }) => {
      await (await ask(gate, `[[output:1000]] [[lie:${lie}]]`, { stream, maxTokens: 4000 })).text();
      const [row] = gate.ledger;
      assert.equal(row?.confidence, "estimated");
      const output = row?.output ?? 0;
      assert.ok(output >= 1000 && output <= 4000, String(output));
      assert.ok(gate.spent("day").nanoUsd < 0.2 * USD);
    });
  }
}

for (const mode of ["gate", "observe"] as const) {
  testGateway(
    `an answer that is cut off is a row of its own, marked (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      await assert.rejects((await ask(gate, "[[output:2000]] [[cut]]")).text());
      await (await ask(gate, "[[output:2000]] [[cut]]")).text();
      await until(() => gate.ledger.length === 2);
      assert.deepEqual(gate.ledger.map(({ incomplete }) => incomplete), ["unfinished", undefined]);
      const billed = billedUsage(provider.log.calls[0] ?? assert.fail()).output;
      assert.ok(
        Math.abs((gate.ledger[0]?.output ?? 0) - billed) < 400,
        `${gate.ledger[0]?.output} ${billed}`,
      );
    },
  );

  testGateway(
    `a client that leaves ends the upstream's answer and settles the call (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      const response = await ask(gate, "[[output:20000]] [[slow:10s]]");
      const reader = response.body?.getReader();
      for (let read = 0; read < 20; read++) await reader?.read();
      await reader?.cancel();
      await provider.log.settled();
      await until(() => gate.ledger.length === 1);
      const [request] = provider.log.calls;
      assert.equal(request?.outcome, "aborted");
      assert.equal(gate.ledger[0]?.incomplete, "interrupted");
      const off = Math.abs((gate.ledger[0]?.output ?? 0) - (request?.outputTokensSent ?? 0));
      assert.ok(off < 600, String(off));
    },
  );

  testGateway(
    `a provider that hangs is let go when its client leaves (${mode})`,
    { mode },
    async ({ provider, gate }) => {
      const leaving = new AbortController();
      const response = await ask(gate, "[[hang]]", { signal: leaving.signal });
      await provider.log.waitFor((log) => log.calls.length === 1);
      leaving.abort();
      await assert.rejects(response.text());
      await provider.log.settled();
      await until(() => gate.ledger.length === 1);
      assert.equal(gate.ledger[0]?.input, 100);
    },
  );
}

/** A server that reads what it is sent and then does as told, below HTTP. */
function listenRaw(onRead: (connection: Deno.TcpConn) => void): { url: string; close: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.TcpConn[] = [];
  const accept = async (): Promise<void> => {
    for await (const connection of listener) {
      connections.push(connection);
      if (await connection.read(new Uint8Array(65_536)) !== null) onRead(connection);
    }
  };
  accept().catch(() => {}); // it ends with the listener
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    close: () => {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // closed by the test already
        }
      }
    },
  };
}

for (const mode of ["gate", "observe"] as const) {
  testGateway(`a provider that hangs up without an answer may have charged: marked (${mode})`, {
    mode,
    limits: { day: { nanoUsd: USD } },
  }, async ({ gate }) => {
    const upstream = listenRaw((connection) => connection.close());
    gate.session.upstreams.anthropic = new URL(upstream.url);
    const response = await ask(gate, "hello");
    assert.equal(response.status, 502);
    await response.text();
    assert.deepEqual(gate.ledger.map(({ incomplete, confidence }) => [incomplete, confidence]), [
      ["unfinished", "estimated"],
    ]);
    assert.ok((gate.ledger[0]?.costNanoUsd ?? 0) > 0);
    upstream.close();
  });

  testGateway(`a provider that never answers is let go when its client leaves (${mode})`, {
    mode,
    limits: { day: { nanoUsd: USD } },
  }, async ({ gate }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const upstream = listenRaw(() => resolve());
    gate.session.upstreams.anthropic = new URL(upstream.url);
    const leaving = new AbortController();
    const asked = ask(gate, "hello", { signal: leaving.signal });
    await promise;
    leaving.abort();
    await assert.rejects(asked);
    await until(() => gate.ledger.length === 1);
    assert.equal(gate.ledger[0]?.incomplete, "interrupted");
    upstream.close();
  });
}

testGateway("a held call whose client leaves is forgotten, and its hold stands until the client is back", {
  atLimit: "hold",
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate, provider }) => {
  const leaving = new AbortController();
  const asked = ask(gate, "hello", { signal: leaving.signal });
  await until(() => gate.gateway.listInFlight()[0]?.state === "held");
  leaving.abort();
  await assert.rejects(asked);
  await until(() => gate.gateway.listInFlight().length === 0);
  assert.ok(gate.gateway.holdOf("s1") !== undefined);
  gate.setLimit("s1", { nanoUsd: USD });
  await (await ask(gate, "hello")).text();
  assert.deepEqual([gate.gateway.holdOf("s1"), provider.log.calls.length], [undefined, 1]);
});

testGateway("a held call is told to come again when the server is stopped", {
  atLimit: "hold",
  limits: { s1: { nanoUsd: 0.001 * USD } },
}, async ({ gate }) => {
  const asked = ask(gate, "hello");
  await until(() => gate.gateway.listInFlight()[0]?.state === "held");
  await gate.gateway.close();
  const response = await asked;
  assert.deepEqual([response.status, response.headers.get("x-should-retry")], [503, "true"]);
  assert.match(await response.text(), /is being stopped/);
});

testGateway("a silent answer is ended when its silence cannot be covered any more", {
  limits: { day: { nanoUsd: 0.03 * USD } },
}, async ({ gate, provider }) => {
  const text = await (await ask(gate, "[[thinking:200]] [[quiet:60s]]")).text();
  assert.match(text, /"stop_reason":"max_tokens"/);
  assert.equal(gate.count("ended_early"), 1);
  await provider.log.settled();
});

testGateway("reservations of a run that died become rows, at what they held, marked", {
  limits: { day: { nanoUsd: 0.1 * USD } },
}, async ({ gate, provider }) => {
  const response = await ask(gate, "[[hang]]");
  await until(() => gate.stored.size === 1);
  const left = [...structuredClone([...gate.stored.values()])];
  const next = new TestGateway({
    upstream: provider.url,
    limits: { day: { nanoUsd: 0.1 * USD } },
    reservations: left,
  });
  assert.equal(next.gateway.sweep(), 1);
  assert.deepEqual([next.stored.size, next.ledger[0]?.incomplete, next.ledger[0]?.confidence], [
    0,
    "unfinished",
    "estimated",
  ]);
  assert.deepEqual(next.events.map(({ kind, nanoUsd }) => [kind, nanoUsd]), [
    ["settled", next.spent("day").nanoUsd],
  ]);
  assert.ok(next.spent("day").nanoUsd > 0.08 * USD && next.spent("day").nanoUsd <= 0.1 * USD);
  await next.close();
  await response.body?.cancel();
});

testGateway(
  "leaving settles every call under way",
  { limits: { day: { nanoUsd: USD } } },
  async ({ gate }) => {
    const response = await ask(gate, "[[output:9000]] [[slow:20s]]");
    await until(() => gate.gateway.listInFlight()[0]?.state === "streaming");
    await gate.gateway.close();
    assert.deepEqual([gate.ledger.length, gate.gateway.listInFlight().length], [1, 0]);
    await response.body?.cancel().catch(() => {});
  },
);

testGateway("a ledger that cannot be written costs no answer, and leaves no call waiting", {
  limits: { day: { nanoUsd: 0.12 * USD } },
}, async ({ gate }) => {
  gate.failsToRecord = true;
  const first = ask(gate, "[[output:100]] [[slow:200ms]]");
  await until(() => gate.count("reserved") === 1);
  const second = ask(gate, "[[output:100]]", { session: "s2" });
  await until(() => gate.count("waited") === 1);
  assert.match(await (await first).text(), /message_stop/);
  assert.match(await (await second).text(), /message_stop/);
  assert.deepEqual([gate.ledger.length, gate.stored.size], [0, 2]);
  gate.stored.clear();
});

testGateway("a call whose reservation cannot be stored is refused, and holds nothing afterwards", {
  limits: { day: { nanoUsd: 0.12 * USD } },
}, async ({ gate, provider }) => {
  gate.failsToReserve = true;
  for (let time = 0; time < 5; time++) {
    const answer = await ask(gate, "[[output:100]]");
    assert.ok(answer.status >= 500, String(answer.status));
    assert.match(await answer.text(), /The disk is full/);
  }
  assert.deepEqual([provider.log.calls.length, gate.gateway.listInFlight()], [0, []]);
  gate.failsToReserve = false;
  assert.match(await (await ask(gate, "[[output:100]]")).text(), /message_stop/);
});

testGateway("an answer goes on while what is reserved for it cannot be stored, and is counted", {
  limits: { day: { nanoUsd: 2 * USD } },
}, async ({ gate }) => {
  const response = await ask(gate, "[[output:9000]] [[slow:500ms]]");
  gate.failsToReserve = true;
  assert.match(await response.text(), /message_stop/);
  await until(() => gate.gateway.listInFlight().length === 0);
  assert.equal(gate.ledger[0]?.output, 9000);
});
