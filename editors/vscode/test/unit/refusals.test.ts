import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseError } from "vscode-languageserver-protocol";
import { Refusal } from "../../src/client/connection";
import { messageOf, refusalOf } from "../../src/client/refusals";

test("takes the sentence and the kind from the server's error", () => {
  const refusal = refusalOf(new ResponseError(-32803, "The registry is read-only.", { kind: "registry-read-only" }));
  assert.ok(refusal instanceof Refusal);
  assert.equal(refusal.message, "The registry is read-only.");
  assert.equal(refusal.kind, "registry-read-only");
});

test("an error of another kind has no kind", () => {
  assert.equal(refusalOf(new Error("Connection is closed.")).kind, undefined);
  assert.equal(refusalOf(new ResponseError(-32603, "Oh.")).kind, undefined);
  assert.equal(refusalOf("Oh.").message, "Oh.");
});

test("shows no password", () => {
  assert.equal(messageOf(new Error("no postgresql://ada:s3cret@db/registry")), "no postgresql://ada:***@db/registry");
});
