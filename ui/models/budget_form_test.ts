import assert from "node:assert/strict";
import type { BudgetView, Limits } from "../../server/protocol.ts";
import { ApiError } from "../api/api_error.ts";
import { makeBudget } from "../testing/money.ts";
import { type BudgetForm, BudgetFormModel } from "./budget_form.ts";

function setUp(
  patch: Partial<BudgetView> = {},
  refuse?: Error,
): { form: BudgetForm; saves: Partial<Limits>[] } {
  const saves: Partial<Limits>[] = [];
  let budget = makeBudget({ limits: { usd: 5, tokens: null }, ...patch });
  const form = new BudgetFormModel({
    budget,
    save: (limits) => {
      saves.push(limits);
      if (refuse !== undefined) return Promise.reject(refuse);
      budget = { ...budget, limits: { ...budget.limits, ...limits } };
      return Promise.resolve(budget);
    },
  });
  return { form, saves };
}

Deno.test("only what was changed is saved, and nothing twice", async () => {
  const { form, saves } = setUp();
  assert.equal(form.canSave.value, false);
  form.type("usd", "7.5");
  assert.equal(form.canSave.value, true);
  await form.submit();
  await form.submit();
  assert.deepEqual(saves, [{ usd: 7.5 }]);
  assert.equal(form.text.usd.value, "7.50");
  assert.equal(form.saved.value, true);
});

Deno.test("an emptied field removes its limit", async () => {
  const { form, saves } = setUp();
  form.type("usd", "");
  await form.submit();
  assert.deepEqual(saves, [{ usd: null }]);
});

Deno.test("what cannot be read is said at its field and not saved", async () => {
  const { form, saves } = setUp();
  form.type("tokens", "lots");
  form.type("usd", "9");
  assert.match(form.problems.tokens.value ?? "", /number/);
  assert.equal(form.problems.usd.value, undefined);
  assert.equal(form.canSave.value, false);
  await form.submit();
  assert.deepEqual(saves, []);
});

Deno.test("a raise starts from what is spent when the limit is overrun", async () => {
  const { form, saves } = setUp({ spent: { nanoUsd: 5_230_000_000, tokens: 0 } });
  await form.raise("usd", { label: "+$1", add: 1 });
  assert.deepEqual(saves, [{ usd: 6.23 }]);
  assert.equal(form.text.usd.value, "6.23");
});

Deno.test("a limit below what is spent warns before it stops things", () => {
  const { form } = setUp();
  form.type("usd", "3");
  assert.match(form.warning.value ?? "", /already used up/);
  form.type("usd", "4");
  assert.equal(form.warning.value, undefined);
});

Deno.test("a refusal is shown at the field it names, else at the form", async () => {
  const field = setUp({}, new ApiError({ code: "invalid", message: "too much", field: "limits.usd" }));
  field.form.type("usd", "9");
  await field.form.submit();
  assert.equal(field.form.problems.usd.value, "too much");
  field.form.type("usd", "8");
  assert.equal(field.form.problems.usd.value, undefined);
  const whole = setUp({}, new Error("offline"));
  await whole.form.remove("usd");
  assert.equal(whole.form.problem.value, "offline");
});

Deno.test("what others change is followed, but not over what is being typed", () => {
  const { form } = setUp();
  form.type("tokens", "100k");
  form.follow(makeBudget({ limits: { usd: 8, tokens: 50 } }));
  assert.equal(form.text.usd.value, "8.00");
  assert.equal(form.text.tokens.value, "100k");
});
