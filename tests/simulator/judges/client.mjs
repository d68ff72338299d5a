// The official JavaScript client takes the paths every client takes.
// Usage: node client.mjs BASE_URL ROOT_PAGE; prints one line of JSON. Modules come from NODE_PATH's directory.
import { createRequire } from "node:module";
const require = createRequire(process.env.JUDGE_MODULES + "/");
const { Client, collectPaginatedAPI, isFullPage } = require("@notionhq/client");

const [baseUrl, root] = process.argv.slice(2);
const versions = ["2025-09-03", "2026-03-11"];
const text = (content) => [{ text: { content } }];
const seen = [];

for (const notionVersion of versions) {
  const notion = new Client({ auth: "demo-token", baseUrl, notionVersion });
  const me = await notion.users.me({});
  const database = await notion.databases.create({
    parent: { type: "page_id", page_id: root },
    title: text(`Books ${notionVersion}`),
    initial_data_source: {
      properties: { Name: { title: {} }, Pages: { number: {} }, Kind: { select: { options: [{ name: "Novel" }] } } },
    },
  });
  const source = database.data_sources[0].id;
  const rows = [];
  for (let n = 0; n < 3; n++) {
    rows.push(await notion.pages.create({
      parent: { type: "data_source_id", data_source_id: source },
      properties: { Name: { title: text(`Book ${n}`) }, Pages: { number: n * 100 }, Kind: { select: { name: "Novel" } } },
      children: [{ paragraph: { rich_text: text("First words.") } }],
    }));
  }
  const long = await notion.dataSources.query({
    data_source_id: source,
    filter: { property: "Pages", number: { greater_than: 50 } },
    sorts: [{ property: "Pages", direction: "ascending" }],
    filter_properties: [rows[0].properties.Pages.id],
  });
  await notion.pages.update({ page_id: rows[0].id, properties: { Pages: { number: 7 } }, icon: { type: "emoji", emoji: "📗" } });
  const read = await notion.pages.retrieve({ page_id: rows[0].id });
  await notion.blocks.children.append({ block_id: rows[0].id, children: [{ divider: {} }] });
  const listed = await collectPaginatedAPI(notion.blocks.children.list, { block_id: rows[0].id });
  const markdown = await notion.pages.retrieveMarkdown({ page_id: rows[0].id });
  const edited = await notion.pages.updateMarkdown({
    page_id: rows[0].id,
    type: "update_content",
    update_content: { content_updates: [{ old_str: "First words", new_str: "Other words" }] },
  });
  const item = await notion.pages.properties.retrieve({ page_id: rows[0].id, property_id: "title" });
  const upload = await notion.fileUploads.create({ mode: "single_part", filename: "a.txt" });
  const sent = await notion.fileUploads.send({
    file_upload_id: upload.id,
    file: { filename: "a.txt", data: new Blob(["hello"], { type: "text/plain" }) },
  });
  const comment = await notion.comments.create({ parent: { page_id: rows[0].id }, rich_text: text("Well said.") });
  await notion.pages.update({ page_id: rows[1].id, in_trash: true });
  const left = await notion.dataSources.query({ data_source_id: source });
  const found = await notion.search({ query: "Book", filter: { property: "object", value: "page" } });
  let code = null;
  try {
    await notion.pages.retrieve({ page_id: "00000000-0000-4000-8000-0000000000aa" });
  } catch (error) {
    code = error.code;
  }
  seen.push({
    bot: me.type,
    long: long.results.length,
    shown: Object.keys(long.results[0].properties),
    number: read.properties.Pages.number,
    full: isFullPage(read),
    blocks: listed.map((block) => block.type),
    markdown: markdown.markdown,
    edited: edited.markdown,
    title: item.results[0].title.plain_text,
    upload: sent.status,
    comment: comment.rich_text[0].plain_text,
    left: left.results.length,
    found: found.results.length > 0,
    code,
  });
}
console.log(JSON.stringify(seen));
