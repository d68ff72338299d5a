// Keeps the parts of a page that carry data-live as they would be after a reload.
"use strict";

const SECONDS = 2;
const told = document.getElementById("renewed");

function tell(text) {
  if (told.textContent !== text) told.textContent = text;
}

let isPressed = false;
addEventListener("pointerdown", () => { isPressed = true; });
addEventListener("pointerup", () => { isPressed = false; });
addEventListener("pointercancel", () => { isPressed = false; });

async function renew() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(old.id);
      const isUsed = isPressed || old.contains(document.activeElement);
      if (next && !isUsed && !old.isEqualNode(next)) old.replaceWith(document.adoptNode(next));
    }
    tell("");
  } catch {
    tell("This page is not renewed at the moment: the mount or notionfs ui has ended.");
  }
}

async function repeat() {
  await renew();
  setTimeout(repeat, SECONDS * 1000);
}

setTimeout(repeat, SECONDS * 1000);
