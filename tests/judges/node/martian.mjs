// @tryfabric/martian turns Markdown into blocks; pages are created with them, nothing else.
import { answer, connect, given, require } from "./judge.mjs";

const { markdownToBlocks } = require("@tryfabric/martian");
const notion = connect("2026-03-11");
const result = [];
for (const { parent, markdown } of given) {
  const children = markdownToBlocks(markdown);
  try {
    const page = await notion.pages.create({ parent: { page_id: parent }, children });
    result.push({ page: page.id, children });
  } catch (error) {
    result.push({ error: error.message, children });
  }
}
answer(result);
