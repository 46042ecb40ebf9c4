import assert from "node:assert/strict";
import { checkAttach } from "./testing/attach_check.ts";
import { Random } from "./testing/random.ts";
import { randomOutput } from "./testing/random_output.ts";
import { readRecording, RECORDED_SIZE, RECORDINGS } from "./testing/recordings.ts";

/** Raise it to search for new failures: a hundred thousand take a minute. */
const RANDOM_STREAMS = 2000;
/** A terminal without wrapped half characters and other wreckage is always written exactly. */
const MAX_INEXACT_SHARE = 0.05;
const RECORDING_ATTACHES = 12;

Deno.test("a snapshot and what follows it give the live terminal, cell by cell, in any random stream", () => {
  let inexact = 0;
  let failedInXterm = 0;
  for (let seed = 1; seed <= RANDOM_STREAMS; seed++) {
    const random = new Random(seed);
    const output = randomOutput(random, { steps: random.between(5, 120) });
    try {
      const { difference, exact, fellBack } = checkAttach(random, output);
      assert.equal(difference, undefined, `seed ${seed}`);
      if (!exact || fellBack) inexact++;
    } catch (thrown) {
      if (!isXtermFailure(thrown)) throw thrown;
      failedInXterm++;
    }
  }
  assert.ok(inexact <= RANDOM_STREAMS * MAX_INEXACT_SHARE, `${inexact} snapshots were not exact`);
  assert.ok(failedInXterm <= RANDOM_STREAMS * 0.01, `xterm failed ${failedInXterm} times`);
});

for (const name of RECORDINGS) {
  Deno.test(`a snapshot at any point of ${name} goes on like the live terminal`, () => {
    const steps = readRecording(name).map((bytes) => ({ bytes }));
    for (let seed = 1; seed <= RECORDING_ATTACHES; seed++) {
      const outcome = checkAttach(new Random(seed), { ...RECORDED_SIZE, scrollback: 500, steps });
      assert.deepEqual(outcome, { difference: undefined, exact: true, fellBack: false }, `seed ${seed}`);
    }
  });
}

/** Erasing above the last cell makes an unguarded xterm look for a line that is not there. */
function isXtermFailure(thrown: unknown): boolean {
  return thrown instanceof TypeError && thrown.message.includes("isWrapped");
}
