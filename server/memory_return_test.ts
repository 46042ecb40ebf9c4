import assert from "node:assert/strict";
import { MemoryReturn } from "./memory_return.ts";

/** A process whose work the test does. */
class FakeProcess {
  usedByMs = 0;
  returns = 0;

  usedMs(): number {
    return this.usedByMs;
  }

  giveBack(): void {
    this.returns++;
    this.usedByMs += 50;
  }
}

function look(memory: MemoryReturn, times: number): void {
  for (let time = 0; time < times; time++) memory.look();
}

Deno.test("memory is given back three times after the start, then not while nothing is done", () => {
  const process = new FakeProcess();
  const memory = new MemoryReturn(process);
  look(memory, 20);
  assert.equal(process.returns, 3);
});

Deno.test("nobody waits for a collection while the process works", () => {
  const process = new FakeProcess();
  const memory = new MemoryReturn(process);
  for (let time = 0; time < 10; time++) {
    process.usedByMs += 5000;
    memory.look();
  }
  assert.equal(process.returns, 0);
  look(memory, 10);
  assert.equal(process.returns, 3);
});

Deno.test("little work asks for no collection until it has come together", () => {
  const process = new FakeProcess();
  const memory = new MemoryReturn(process);
  look(memory, 5);
  for (let time = 0; time < 4; time++) {
    process.usedByMs += 100;
    memory.look();
  }
  assert.equal(process.returns, 3);
  process.usedByMs += 100;
  look(memory, 5);
  assert.equal(process.returns, 6);
});

Deno.test("what an ended worker left is given back, little work as it was", () => {
  const process = new FakeProcess();
  const memory = new MemoryReturn(process);
  look(memory, 5);
  memory.soon();
  look(memory, 5);
  assert.equal(process.returns, 6);
});

/** Takes memory, lets go of it, and says in MB what the process has before and after a return. */
const SPENDTHRIFT = `
  import { MemoryReturn } from ${JSON.stringify(import.meta.resolve("./memory_return.ts"))};
  const resident = () => Deno.memoryUsage().rss / 1e6;
  let wasted = [];
  for (let n = 0; n < 400_000; n++) wasted.push({ n, text: "x" + n });
  wasted = undefined;
  const before = resident();
  new MemoryReturn().look();
  console.log(JSON.stringify({ before, after: resident() }));
`;

Deno.test("the system gets back what a process let go of", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", SPENDTHRIFT],
    stderr: "inherit",
  }).output();
  const { before, after } = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(after < before - 10, `${before} MB before, ${after} MB after`);
});
