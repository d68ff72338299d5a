// @notionhq/client, Notion's own client: the main paths in one version of the API.
import { answer, assert, connect, given, paragraph, require, words } from "./judge.mjs";

const sdk = require("@notionhq/client");
const version = given;
const notion = connect(version);
const steps = [];

async function people() {
  const me = await notion.users.me({});
  assert.equal(me.type, "bot");
  const listed = await sdk.collectPaginatedAPI(notion.users.list, { page_size: 2 });
  assert.ok(listed.some((user) => user.id === me.id));
  const ada = listed.find((user) => user.name === "Ada Lovelace");
  assert.equal((await notion.users.retrieve({ user_id: ada.id })).id, ada.id);
}

async function workspace() {
  const found = await sdk.collectPaginatedAPI(notion.search, { page_size: 30 });
  assert.ok(found.length > 60);
  for (const thing of found) {
    assert.ok(sdk.isFullPageOrDataSource(thing), thing.id);
    if (!sdk.isFullPage(thing)) continue;
    for await (const block of sdk.iteratePaginatedAPI(notion.blocks.children.list, {
      block_id: thing.id,
    })) {
      assert.ok(sdk.isFullBlock(block), block.id);
    }
  }
  const home = await notion.search({
    query: "company home",
    filter: { property: "object", value: "page" },
    sort: { timestamp: "last_edited_time", direction: "ascending" },
  });
  return home.results[0].id;
}

async function table(home) {
  const made = await notion.databases.create({
    parent: { type: "page_id", page_id: home },
    title: words("Tasks of the official client"),
    initial_data_source: {
      properties: {
        Name: { title: {} },
        State: { status: {} },
        Points: { number: { format: "dollar" } },
        Who: { people: {} },
        Made: { created_time: {} },
        Twice: { formula: { expression: 'prop("Points") * 2' } },
      },
    },
  });
  assert.ok(sdk.isFullDatabase(made));
  const source = made.data_sources[0].id;
  const ada = (await notion.users.list({})).results.find((user) => user.type === "person");
  for (const points of [1, 2, 3]) {
    const row = await notion.pages.create({
      parent: { type: "data_source_id", data_source_id: source },
      properties: {
        Name: { title: words(`Row ${points}`) },
        State: { status: { name: points === 3 ? "Done" : "Not started" } },
        Points: { number: points },
        Who: { people: points === 1 ? [{ id: ada.id }] : [] },
      },
    });
    assert.equal(row.properties.Twice.formula.number, 2 * points);
  }
  return source;
}

async function queries(source) {
  const wanted = [
    [{ property: "State", status: { equals: "Done" } }, [3]],
    [{ property: "Who", people: { is_not_empty: true } }, [1]],
    [{ property: "Twice", formula: { number: { greater_than: 3 } } }, [2, 3]],
    [{ property: "Made", created_time: { this_week: {} } }, [1, 2, 3]],
    [
      {
        or: [
          { property: "Points", number: { less_than: 2 } },
          { property: "Name", title: { starts_with: "Row 3" } },
        ],
      },
      [1, 3],
    ],
  ];
  for (const [filter, points] of wanted) {
    const rows = await sdk.collectPaginatedAPI(notion.dataSources.query, {
      data_source_id: source,
      filter,
      sorts: [{ property: "Points", direction: "ascending" }],
      page_size: 1,
    });
    assert.deepEqual(rows.map((row) => row.properties.Points.number), points);
  }
  const [row] = (await notion.dataSources.query({ data_source_id: source, page_size: 1 })).results;
  const id = row.properties.Points.id;
  const slim = await notion.pages.retrieve({ page_id: row.id, filter_properties: [id] });
  assert.deepEqual(Object.keys(slim.properties), ["Points"]);
  const item = await notion.pages.properties.retrieve({ page_id: row.id, property_id: id });
  assert.equal(item.number, row.properties.Points.number);
  await notion.dataSources.update({
    data_source_id: source,
    properties: { Points: { name: "Score" }, Made: null, Extra: { url: {} } },
  });
  const schema = (await notion.dataSources.retrieve({ data_source_id: source })).properties;
  assert.deepEqual(Object.keys(schema).sort(), ["Extra", "Name", "Score", "State", "Twice", "Who"]);
}

async function pages(home) {
  const page = await notion.pages.create({
    parent: { page_id: home },
    properties: { title: { title: words("By the official client") } },
    children: [paragraph("one"), { type: "to_do", to_do: { rich_text: words("two") } }],
  });
  const [first, second] = (await notion.blocks.children.list({ block_id: page.id })).results;
  await notion.blocks.update({ block_id: second.id, to_do: { checked: true } });
  assert.equal((await notion.blocks.retrieve({ block_id: second.id })).to_do.checked, true);
  const place =
    version < "2026"
      ? { after: first.id }
      : { position: { type: "after_block", after_block: { id: first.id } } };
  await notion.blocks.children.append({
    block_id: page.id,
    children: [
      {
        type: "toggle",
        toggle: { rich_text: words("more"), children: [paragraph("deep")] },
      },
    ],
    ...place,
  });
  await notion.blocks.delete({ block_id: first.id });
  const now = (await notion.blocks.children.list({ block_id: page.id })).results;
  assert.deepEqual(now.map((block) => block.type), ["toggle", "to_do"]);
  assert.equal(now[0].has_children, true);
  const sub = await notion.pages.create({ parent: { page_id: page.id } });
  await notion.pages.move({ page_id: sub.id, parent: { type: "page_id", page_id: home } });
  assert.equal((await notion.pages.retrieve({ page_id: sub.id })).parent.page_id, home);
  assert.equal((await notion.pages.update({ page_id: page.id, in_trash: true })).in_trash, true);
  assert.equal((await notion.pages.update({ page_id: page.id, in_trash: false })).in_trash, false);
  return page.id;
}

async function markdown(page) {
  const made = await notion.pages.create({
    parent: { page_id: page },
    markdown: "# Title\n\nFirst line.",
  });
  const read = await notion.pages.retrieveMarkdown({ page_id: made.id });
  assert.match(read.markdown, /First line/);
  const edited = await notion.pages.updateMarkdown({
    page_id: made.id,
    type: "update_content",
    update_content: { content_updates: [{ old_str: "First", new_str: "Last" }] },
  });
  assert.match(edited.markdown, /Last line/);
}

async function comments(page) {
  const made = await notion.comments.create({ parent: { page_id: page }, rich_text: words("hm") });
  const answered = await notion.comments.create({
    discussion_id: made.discussion_id,
    rich_text: words("aha"),
  });
  const listed = await sdk.collectPaginatedAPI(notion.comments.list, { block_id: page });
  assert.deepEqual(listed.map((one) => one.id), [made.id, answered.id]);
  await notion.comments.update({ comment_id: made.id, rich_text: words("oh") });
  await notion.comments.delete({ comment_id: answered.id });
}

async function files(page) {
  const upload = await notion.fileUploads.create({
    mode: "multi_part",
    number_of_parts: 2,
    filename: "big.bin",
    content_type: "application/octet-stream",
  });
  const parts = [new Blob([new Uint8Array(5 * 1024 * 1024)]), new Blob(["end"])];
  for (const [index, data] of parts.entries()) {
    await notion.fileUploads.send({
      file_upload_id: upload.id,
      file: { filename: "big.bin", data },
      part_number: String(index + 1),
    });
  }
  const whole = await notion.fileUploads.complete({ file_upload_id: upload.id });
  assert.equal(whole.status, "uploaded");
  const { results } = await notion.blocks.children.append({
    block_id: page,
    children: [
      { type: "file", file: { type: "file_upload", file_upload: { id: upload.id } } },
    ],
  });
  const there = await fetch(results[0].file.file.url);
  assert.equal((await there.arrayBuffer()).byteLength, 5 * 1024 * 1024 + 3);
}

async function views(source) {
  const [view] = (await notion.views.list({ data_source_id: source })).results;
  const whole = await notion.views.retrieve({ view_id: view.id });
  assert.equal(whole.type, "table");
  const query = await notion.views.queries.create({ view_id: view.id });
  assert.equal(query.total_count, 3);
}

async function refusals(page) {
  const errors = [
    [() => notion.pages.retrieve({ page_id: "0".repeat(32) }), sdk.APIErrorCode.ObjectNotFound],
    [
      () => notion.pages.update({ page_id: page, properties: { No: { number: 1 } } }),
      sdk.APIErrorCode.ValidationError,
    ],
    [() => connect(version, "wrong").users.me({}), sdk.APIErrorCode.Unauthorized],
    [() => notion.search({ start_cursor: "nonsense" }), sdk.APIErrorCode.ValidationError],
  ];
  for (const [ask, code] of errors) {
    await assert.rejects(ask, (error) => sdk.isNotionClientError(error) && error.code === code);
  }
}

async function step(name, action, ...args) {
  const result = await action(...args);
  steps.push(name);
  return result;
}

await step("users", people);
const home = await step("search and blocks", workspace);
const source = await step("create a table", table, home);
await step("query", queries, source);
const page = await step("pages", pages, home);
await step("markdown", markdown, page);
await step("comments", comments, page);
await step("files", files, page);
await step("views", views, source);
await step("refusals", refusals, page);
answer(steps);
