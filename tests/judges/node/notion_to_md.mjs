// notion-to-md reads every page it is given; the answer is each page's Markdown, or why not.
import { answer, connect, given, require } from "./judge.mjs";

const { NotionToMarkdown } = require("notion-to-md");
const notionClient = connect("2026-03-11");
const reader = new NotionToMarkdown({
  notionClient,
  config: { parseChildPages: false, separateChildPage: false },
});
const result = {};
for (const id of given) {
  try {
    const blocks = await reader.pageToMarkdown(id);
    result[id] = { markdown: reader.toMarkdownString(blocks).parent ?? "" };
  } catch (error) {
    result[id] = { error: String(error) };
  }
}
answer(result);
