// @tryfabric/martian turns Markdown into blocks; the answer is the blocks of each text.
import { answer, given, require } from "./judge.mjs";

const { markdownToBlocks } = require("@tryfabric/martian");
answer(given.map((text) => markdownToBlocks(text)));
