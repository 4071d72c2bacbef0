import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, inSteps, keep } from "../../src/commands/sequence";

/** Steps that give these answers, one after the other, and note which of them was asked. */
function steps(answers: readonly (readonly Answer<string>[])[], asked: number[], kept: string[]): (() => Promise<"next" | "back" | "leave">)[] {
  return answers.map((given, index) => {
    const rest = [...given];
    return () => {
      asked.push(index);
      return Promise.resolve(keep(rest.shift(), (value) => (kept[index] = value)));
    };
  });
}

test("back asks the step before again, and what it gives then counts", async () => {
  const asked: number[] = [];
  const kept: string[] = [];
  const answers = [[{ value: "a" }, { value: "b" }], ["back", { value: "c" }], [{ value: "d" }]] as const;
  assert.equal(await inSteps(steps(answers, asked, kept)), true);
  assert.deepEqual(asked, [0, 1, 0, 1, 2]);
  assert.deepEqual(kept, ["b", "c", "d"]);
});

test("whoever leaves, or goes back from the first step, ends it", async () => {
  const asked: number[] = [];
  assert.equal(await inSteps(steps([[{ value: "a" }], [undefined], [{ value: "c" }]], asked, [])), false);
  assert.deepEqual(asked, [0, 1]);
  assert.equal(await inSteps(steps([["back"], [{ value: "b" }]], [], [])), false);
  assert.equal(await inSteps([]), true);
});
