// Filters while typing, and shows a new generation when there is one. The page works without this.
"use strict";
const box = document.getElementById("q");
const form = box.form;
let asked = 0;
let typing;

async function show(address) {
  const turn = ++asked;
  document.getElementById("answer").classList.add("stale");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return;
  document.getElementById("answer").replaceWith(document.adoptNode(page.getElementById("answer")));
}

function addressed() {
  const address = new URL(form.action);
  if (box.value.trim()) address.searchParams.set("q", box.value);
  return address;
}

box.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const address = addressed();
    try {
      await show(address);
      history.replaceState(null, "", address);
    } catch {
      document.getElementById("answer").classList.add("stale");
    }
  }, 150);
});

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let tag = "";
let following = null;

async function follow(signal) {
  while (!signal.aborted) {
    try {
      const wait = tag ? `&wait=25s&etag=${tag}` : "";
      const answer = await fetch(`/@generation?format=json${wait}`, { cache: "no-store", signal });
      const now = (answer.headers.get("etag") || "").replaceAll('"', "").replace(/-gz$/, "");
      if (!answer.ok) await pause(5000);
      else if (tag && now !== tag) await show(location.href);
      if (answer.ok) tag = now;
    } catch {
      if (!signal.aborted) await pause(5000);
    }
  }
}

// A browser has six connections to a server: a page that nobody looks at must not hold one of them.
function start() {
  if (following || document.hidden) return;
  following = new AbortController();
  follow(following.signal);
}

function stop() {
  if (following) following.abort();
  following = null;
}

addEventListener("pageshow", start);
addEventListener("pagehide", stop);
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
