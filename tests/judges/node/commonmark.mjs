// The examples of the CommonMark specification as data.
import { answer, require } from "./judge.mjs";

answer(require("commonmark-spec").tests);
