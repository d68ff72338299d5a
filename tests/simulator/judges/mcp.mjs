// The official MCP server (stdio) calls the simulator with its tools.
// Usage: node mcp.mjs BASE_URL ROOT_PAGE; prints one line of JSON.
import { createRequire } from "node:module";
const modules = process.env.JUDGE_MODULES;
const require = createRequire(modules + "/");
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");

const [baseUrl, root] = process.argv.slice(2);
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [`${modules}/node_modules/@notionhq/notion-mcp-server/bin/cli.mjs`],
  env: { ...process.env, NOTION_TOKEN: "demo-token", BASE_URL: baseUrl },
});
const client = new Client({ name: "judge", version: "1.0.0" });
await client.connect(transport);
const tools = (await client.listTools()).tools.map((tool) => tool.name);
const results = {};
async function call(name, args) {
  const answer = await client.callTool({ name, arguments: args });
  return JSON.parse(answer.content[0].text);
}
results.self = await call("API-get-self", {});
results.search = await call("API-post-search", { query: "Root" });
results.page = await call("API-post-page", {
  parent: { page_id: root },
  properties: { title: [{ text: { content: "Made by MCP" } }] },
});
results.retrieved = await call("API-retrieve-a-page", { page_id: results.page.id });
results.children = await call("API-get-block-children", { block_id: root });
results.appended = await call("API-patch-block-children", {
  block_id: results.page.id,
  children: [{ type: "paragraph", paragraph: { rich_text: [{ type: "text", text: { content: "By a tool." } }] } }],
});
if (tools.includes("API-retrieve-page-markdown")) {
  results.markdown = await call("API-retrieve-page-markdown", { page_id: results.page.id });
}
await client.close();
console.log(JSON.stringify({ tools, results }));
