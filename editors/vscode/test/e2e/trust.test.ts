import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { after, before, test } from "node:test";
import { until, Workbench } from "../harness/workbench";

/** What a workspace names as its database: it writes down who comes. */
let stranger: Server;
let visits = 0;
let workbench: Workbench;

before(async () => {
  stranger = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const url = `postgresql://\${env:SECRET_OF_THE_USER}@127.0.0.1:${port}/registry`;
  const files = {
    "specql-lsp.toml": `[registry]\ndatabaseUrl = "${url}"\n`,
    "specql_lsp.py": "raise SystemExit('the workspace was imported')\n",
  };
  workbench = await Workbench.open({ trust: true, files, environment: { SECRET_OF_THE_USER: "s3cret" } });
});
after(async () => {
  await workbench?.close();
  stranger.close();
});

test("a workspace that is not trusted gets completion and colours, but no connection to the database that it names", async () => {
  await workbench.traced("untrusted", async () => {
    await workbench.openFile("contact.yaml");
    await workbench.statusSays(/SpecQL: YAML/);
    assert.match(await workbench.log(), /The server is running\./);
    assert.equal(visits, 0);
    await workbench.command("SpecQL: Allocate a Code");
    const refused = workbench.notification("it is used once you trust this workspace");
    await refused.waitFor();
    assert.doesNotMatch((await refused.textContent()) ?? "", /No database URL is set/);
    await refused.getByRole("button", { name: "Manage Workspace Trust" }).click();
    await workbench.page.locator(".workspace-trust-editor").waitFor();
  });
});

test("trusting it starts the server anew, and then its database is asked", async () => {
  await workbench.traced("trusted", async () => {
    await workbench.command("Workspaces: Manage Workspace Trust");
    await workbench.page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
    await until("a connection to the workspace's database", () => Promise.resolve(visits > 0));
    await workbench.statusSays(/SpecQL: YAML/);
  });
});
