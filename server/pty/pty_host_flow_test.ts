// Much at once through real terminals: nothing is lost, nobody waits for another, and what is not read is held back.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { MAX_QUEUED_BYTES } from "./write_queue.ts";
import { processGone, shell, testBothWays } from "./testing/both_ways.ts";

testBothWays("200 short commands lose no last word", async (start) => {
  for (let batch = 0; batch < 20; batch++) {
    const sessions = Array.from(
      { length: 10 },
      (_, index) => start(shell(`echo first; printf last-${index}`)),
    );
    for (const [index, session] of sessions.entries()) {
      assert.deepEqual(await session.ended(), { code: 0 });
      assert.equal(session.text, `first\r\nlast-${index}`);
      assert.equal(session.lateChunks, 0);
    }
  }
});

testBothWays("10 MB of random bytes come out unchanged", async (start) => {
  const bytes = randomBytes(10_000_000);
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, bytes);
  const session = start({ argv: ["sh", "-c", 'stty raw -echo; exec cat "$1"', "sh", path] });
  await session.ended();
  await Deno.remove(path);
  assert.equal(session.byteCount, bytes.length);
  assert.equal(sha256(session.chunks), sha256([bytes]));
});

testBothWays(
  "10 MB of random bytes go in unchanged, and nothing more than the limit waits",
  async (start) => {
    const bytes = randomBytes(10_000_000);
    const session = start(shell(`stty raw -echo; echo ready; head -c ${bytes.length} | sha256sum`));
    await session.says(/ready/);
    let offset = 0;
    const feed = (): boolean => {
      while (offset < bytes.length && session.pty.write(bytes.subarray(offset, offset + 100_000))) {
        offset += 100_000;
      }
      assert.ok(session.pty.queuedBytes <= MAX_QUEUED_BYTES);
      return offset >= bytes.length;
    };
    await session.until(feed);
    await session.says(/[0-9a-f]{64}/);
    assert.ok(session.text.includes(sha256([bytes])));
    assert.ok(session.drains > 0);
    await session.ended();
  },
);

function sha256(chunks: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

testBothWays("a paste into a program that does not read blocks nobody else", async (start) => {
  const deaf = start(shell("stty raw -echo; echo ready; sleep 1000"));
  await deaf.says(/ready/);
  const paste = new Uint8Array(100_000).fill(65);
  let taken = 0;
  while (deaf.pty.write(paste)) taken += paste.length;
  assert.ok(taken >= MAX_QUEUED_BYTES / 2);
  assert.equal(deaf.pty.write(new Uint8Array(MAX_QUEUED_BYTES + 1)), false);
  const other = start({ argv: ["cat"] });
  const startedAtMs = performance.now();
  for (let line = 0; line < 50; line++) {
    other.pty.write(`line ${line}\r`);
    await other.says(new RegExp(`line ${line}\r\nline ${line}\r\n`));
  }
  assert.ok(performance.now() - startedAtMs < 2000);
  assert.ok(deaf.pty.queuedBytes > 0);
  await deaf.end();
  await other.end();
  assert.equal(deaf.pty.queuedBytes, 0);
});

testBothWays("a paused program waits, and goes on without loss", async (start) => {
  const total = 3_000_000;
  const session = start(shell(`stty raw -echo; head -c ${total} /dev/zero`));
  await session.until(() => session.byteCount > 100_000);
  session.pty.pause();
  const atPause = session.byteCount;
  const other = start(shell("for i in 1 2 3 4 5; do echo tick; sleep 0.02; done"));
  await other.ended();
  assert.equal(session.byteCount, atPause);
  assert.equal(session.exit, undefined);
  session.pty.resume();
  await session.ended();
  assert.equal(session.byteCount, total);
});

testBothWays("an exit while paused is reported after the rest of the output", async (start) => {
  const session = start(shell("echo first; read x; echo last"));
  await session.says(/first/);
  session.pty.pause();
  session.pty.write("\r");
  await processGone(session.pty.pid);
  assert.equal(session.exit, undefined);
  session.pty.resume();
  assert.deepEqual(await session.ended(), { code: 0 });
  assert.match(session.text, /last\r\n$/);
});

testBothWays("output can be read as a stream, which holds back a fast program", async (start) => {
  const session = start(shell("stty raw -echo; read x; head -c 3000000 /dev/zero"));
  const { readable } = session.pty;
  session.pty.write("\r\n");
  // The reader's high-water mark, which the bytes read may meet exactly.
  await session.until(() => session.byteCount >= 256 * 1024);
  assert.equal(session.pty.paused, true);
  let total = 0;
  for await (const chunk of readable) total += chunk.length;
  assert.equal(total, session.byteCount);
  await session.ended();
});

testBothWays("a flooding session leaves its turn to others", async (start) => {
  const flood = start(shell("cat /dev/zero"));
  flood.onData = () => {};
  const echo = start({ argv: ["cat"] });
  const latenciesMs: number[] = [];
  for (let key = 0; key < 100; key++) {
    const startedAtMs = performance.now();
    echo.pty.write("x");
    await echo.until(() => echo.byteCount > key);
    latenciesMs.push(performance.now() - startedAtMs);
  }
  latenciesMs.sort((a, b) => a - b);
  assert.ok((latenciesMs[94] ?? Infinity) < 20, `p95 was ${latenciesMs[94]} ms`);
  await flood.end();
  await echo.end();
});
