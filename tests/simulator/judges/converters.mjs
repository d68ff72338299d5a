// notion-to-md reads pages block by block; martian's blocks are accepted on create.
// Usage: node converters.mjs BASE_URL ROOT_PAGE PAGE...; prints one line of JSON.
import { createRequire } from "node:module";
const require = createRequire(process.env.JUDGE_MODULES + "/");
const { Client } = require("@notionhq/client");
const { NotionToMarkdown } = require("notion-to-md");
const { markdownToBlocks } = require("@tryfabric/martian");

const [baseUrl, root, ...pages] = process.argv.slice(2);
const notion = new Client({ auth: "demo-token", baseUrl });
const reader = new NotionToMarkdown({ notionClient: notion });
const read = {};
for (const page of pages) {
  const shown = reader.toMarkdownString(await reader.pageToMarkdown(page));
  read[page] = shown.parent ?? "";
}
const markdown = `
# Title
Some *emphasis*, **strength**, \`code\`, ~~gone~~ and a [link](https://example.com).

- one
  - inner
- two

1. first
2. second

- [x] done
- [ ] open

> a quote

\`\`\`python
print("hello")
\`\`\`

| a | b |
| - | - |
| 1 | 2 |

---

![picture](https://example.com/a.png)

$$
x^2
$$
`;
const blocks = markdownToBlocks(markdown);
const made = await notion.pages.create({
  parent: { type: "page_id", page_id: root },
  properties: { title: { title: [{ text: { content: "Made by martian" } }] } },
  children: blocks,
});
const back = reader.toMarkdownString(await reader.pageToMarkdown(made.id)).parent;
console.log(JSON.stringify({ read, sent: blocks.length, back }));
