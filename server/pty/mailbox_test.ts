// What children write into the host's pipe.

import assert from "node:assert/strict";
import { platformFor } from "./constants.ts";
import { Libc } from "./libc.ts";
import { Mailbox } from "./mailbox.ts";

function withMailbox(body: (mailbox: Mailbox, write: (text: string) => void) => void): void {
  const libc = new Libc(platformFor(Deno.build.os));
  const mailbox = new Mailbox(libc);
  body(mailbox, (text) => libc.write(mailbox.writeFd, new TextEncoder().encode(text)));
  mailbox.close();
  libc.close();
}

Deno.test("a failure is told once, to the one who asks for that child", () => {
  withMailbox((mailbox, write) => {
    write("12 no_program\n13 no_directory\n");
    assert.equal(mailbox.takeFailure(13), "no_directory");
    assert.equal(mailbox.takeFailure(13), undefined);
    assert.equal(mailbox.takeFailure(12), "no_program");
  });
});

Deno.test("words of shells and wakes are passed over, lines may come in pieces", () => {
  withMailbox((mailbox, write) => {
    write("sh: 1: cd: can't cd to /x\n\n12 no_");
    mailbox.wake();
    mailbox.drain();
    write("13 no_pro");
    mailbox.drain();
    write("gram\n14 something\n");
    assert.deepEqual([12, 13, 14].map((pid) => mailbox.takeFailure(pid)), [
      undefined,
      "no_program",
      undefined,
    ]);
  });
});

Deno.test("a full pipe blocks nobody", () => {
  withMailbox((mailbox) => {
    for (let wake = 0; wake < 100_000; wake++) mailbox.wake();
    mailbox.drain();
    assert.equal(mailbox.takeFailure(1), undefined);
  });
});
