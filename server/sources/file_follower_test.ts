import assert from "node:assert/strict";
import { join } from "node:path";
import { FileFollower, type FollowState } from "./file_follower.ts";

interface Follow {
  path: string;
  lines: string[];
  state: FollowState | undefined;
  /** Thrown by the next taking. */
  failure: Error | undefined;
  create(state?: FollowState): FileFollower<string>;
}

function test(name: string, work: (follow: Follow) => Promise<void>): void {
  Deno.test(name, async () => {
    const directory = await Deno.makeTempDir();
    const follow: Follow = {
      path: join(directory, "log.jsonl"),
      lines: [],
      state: undefined,
      failure: undefined,
      create: (state) =>
        new FileFollower({
          path: follow.path,
          state,
          createParser: () => ({ feed: (line) => [line] }),
          take: (lines, next) => {
            const { failure } = follow;
            follow.failure = undefined;
            if (failure) throw failure;
            follow.lines.push(...lines);
            follow.state = next;
          },
          now: () => 0,
        }),
    };
    try {
      await work(follow);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

const append = (path: string, text: string): Promise<void> =>
  Deno.writeTextFile(path, text, { append: true });

test("a file that is not there yet is read once it is, line by line as they are completed", async (follow) => {
  const follower = follow.create();
  await follower.read();
  await append(follow.path, "one\ntw");
  await follower.read();
  assert.deepEqual(follow.lines, ["one"]);
  await append(follow.path, "o\nthree\n");
  await follower.read();
  assert.deepEqual(follow.lines, ["one", "two", "three"]);
});

test("another follower goes on where the state says, without what was read", async (follow) => {
  await append(follow.path, "one\ntwo\nhal");
  await follow.create().read();
  await append(follow.path, "f\nthree\n");
  await follow.create(follow.state).read();
  assert.deepEqual(follow.lines, ["one", "two", "half", "three"]);
});

test("a file that was cut off or replaced is read from its start", async (follow) => {
  await append(follow.path, "one\ntwo\n");
  const follower = follow.create();
  await follower.read();
  await Deno.truncate(follow.path);
  await append(follow.path, "new\n");
  await follower.read();
  await Deno.rename(follow.path, `${follow.path}.1`);
  await append(follow.path, "a much longer line than before\n");
  await follower.read();
  assert.deepEqual(follow.lines, ["one", "two", "new", "a much longer line than before"]);
});

test("a deleted file is no failure", async (follow) => {
  await append(follow.path, "one\n");
  const follower = follow.create();
  await follower.read();
  await Deno.remove(follow.path);
  await follower.read();
  assert.deepEqual(follow.lines, ["one"]);
});

test("what could not be taken is read again", async (follow) => {
  await append(follow.path, "one\n");
  const follower = follow.create();
  follow.failure = new Error("The disk is full");
  await assert.rejects(follower.read(), /disk is full/);
  await follower.read();
  assert.deepEqual(follow.lines, ["one"]);
});

test("a line of 20 MB is skipped, and what follows is read", async (follow) => {
  await append(follow.path, `${"x".repeat(20 * 1024 * 1024)}\nnext\n`);
  await follow.create().read();
  assert.deepEqual(follow.lines, ["next"]);
});
