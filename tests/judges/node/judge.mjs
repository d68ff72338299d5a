// What every judge in JavaScript needs: the installed packages, the simulator, and an answer.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

export const require = createRequire(`${process.env.JUDGES}/package.json`);
export const given = JSON.parse(readFileSync(0, "utf8"));
export { assert };

export function connect(notionVersion, auth = process.env.NOTION_TOKEN) {
  const { Client } = require("@notionhq/client");
  return new Client({ auth, baseUrl: process.env.NOTION_URL, notionVersion, retry: false });
}

export const words = (content) => [{ type: "text", text: { content } }];
export const paragraph = (content) => ({
  type: "paragraph",
  paragraph: { rich_text: words(content) },
});

export function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
