import assert from "node:assert/strict";
import { HibernatingScreens } from "./hibernating_screens.ts";
import { ScreenPool } from "./screen/screen_pool.ts";

function open(): {
  screens: HibernatingScreens;
  clock: { nowMs: number };
  replies: string[];
  write: (text: string) => void;
} {
  const clock = { nowMs: 0 };
  const replies: string[] = [];
  const pool = new ScreenPool({
    events: {
      onReply: (_, bytes) => replies.push(new TextDecoder().decode(bytes)),
      onNotice: () => {},
      onKeyframe: () => {},
      onParsed: () => {},
    },
  });
  const screens = new HibernatingScreens({
    screens: pool,
    now: () => clock.nowMs,
    onError: (cause) => assert.fail(String(cause)),
    idleAfterMs: 100,
    lookEveryMs: 3_600_000,
  });
  let offset = 0;
  const write = (text: string): void => {
    const bytes = new TextEncoder().encode(text);
    offset += bytes.length;
    screens.write("s", bytes, offset);
  };
  screens.open("s", { cols: 40, rows: 5 });
  return { screens, clock, replies, write };
}

Deno.test("a screen that slept shows and continues exactly what it showed before", async () => {
  const { screens, clock, write } = open();
  write("\x1b[?1049h\x1b[2;4r\x1b[31mred \x1b[3;3H");
  const before = await screens.snapshot("s");
  clock.nowMs += 1000;
  await screens.look();
  assert.deepEqual(await screens.snapshot("s"), before);
  write("on");
  const lines = (await screens.text("s")).map((line) => line.trimEnd());
  assert.deepEqual(lines.slice(0, 3), ["red", "", "  on"]);
  screens.close();
});

Deno.test("a query of a session that slept is answered", async () => {
  const { screens, clock, replies, write } = open();
  clock.nowMs += 1000;
  await screens.look();
  write("\x1b[6n");
  await screens.snapshot("s");
  assert.deepEqual(replies, ["\x1b[1;1R"]);
  screens.close();
});

Deno.test("a screen in the middle of a sequence stays awake", async () => {
  const { screens, clock, write } = open();
  write("a\x1b[3");
  await screens.snapshot("s");
  clock.nowMs += 1000;
  await screens.look();
  write("1mb");
  const { ansi, offset } = await screens.snapshot("s");
  assert.equal(offset, 7);
  assert.match(ansi, /31m/);
  screens.close();
});
