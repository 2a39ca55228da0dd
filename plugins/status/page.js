"use strict";
(() => {
  const PARTS = ["state", "plots", "panels", "connections"];
  const POLL_MS = 5000, POLLS_BEFORE_STREAM = 12;
  const find = document.getElementById("find");
  const feed = document.getElementById("feed");
  const pause = document.getElementById("pause");
  let source = null, timer = 0, polls = 0, turn = 0, isPaused = false;

  const say = (text) => {
    if (feed.textContent !== text)
      feed.textContent = text;
  };

  const address = (form) => {
    const url = new URL(location.href);
    url.searchParams.set("format", form);
    url.searchParams.set("part", "live");
    return url.href;
  };

  const mergeAttributes = (old, next) => {
    for (const name of old.getAttributeNames())
      if (!next.hasAttribute(name) && name !== "style")
        old.removeAttribute(name);
    for (const name of next.getAttributeNames())
      if (old.getAttribute(name) !== next.getAttribute(name))
        old.setAttribute(name, next.getAttribute(name));
  };

  // Elements stay where they are, and so do focus and scrolling. A text that has
  // changed is a new one, so that nothing has moved where it is aligned to the right.
  const merge = (old, next) => {
    mergeAttributes(old, next);
    let at = old.firstChild;
    for (const child of [...next.childNodes]) {
      const after = at && at.nextSibling;
      if (!at)
        old.appendChild(child);
      else if (at.nodeName !== child.nodeName)
        old.replaceChild(child, at);
      else if (at.nodeType === Node.ELEMENT_NODE)
        merge(at, child);
      else if (at.nodeValue !== child.nodeValue)
        old.replaceChild(child, at);
      at = after;
    }
    while (at) {
      const after = at.nextSibling;
      at.remove();
      at = after;
    }
  };

  // What is below the table, or scrolled to, does not move when connections end.
  const keepHeight = () => {
    const table = document.querySelector("#connections .scroll");
    table.style.minHeight = table.offsetHeight + "px";
  };

  const show = (html) => {
    keepHeight();
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const id of PARTS) {
      const old = document.getElementById(id), next = page.getElementById(id);
      if (old && next)
        merge(old, next);
    }
  };

  const stop = () => {
    turn++;
    clearTimeout(timer);
    if (source)
      source.close();
    source = null;
  };

  const poll = async () => {
    const mine = turn;
    let text = "Updated every 5 s";
    try {
      const response = await fetch(address("html"), { cache: "no-store" });
      const html = await response.text();
      if (mine !== turn)
        return;
      if (response.ok)
        show(html);
      else
        text = "Status " + response.status;
    } catch (error) {
      text = "No response";
    }
    if (mine !== turn)
      return;
    say(text);
    polls++;
    timer = setTimeout(polls % POLLS_BEFORE_STREAM === 0 ? start : poll, POLL_MS);
  };

  const start = () => {
    stop();
    source = new EventSource(address("events"));
    source.onmessage = (event) => {
      say("Live");
      show(event.data);
    };
    source.onerror = () => {
      if (!source || source.readyState !== EventSource.CLOSED)
        return;
      stop();
      poll();
    };
  };

  const go = (url) => {
    history.replaceState(null, "", url);
    if (!isPaused)
      start();
    else
      poll().then(stop);
  };

  pause.onclick = () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Resume" : "Pause";
    stop();
    if (isPaused)
      say("Paused");
    else
      start();
  };

  document.addEventListener("visibilitychange", () => {
    if (isPaused)
      return;
    if (document.hidden)
      stop();
    else
      start();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#connections a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey)
      return;
    event.preventDefault();
    go(link.href);
  });

  const filter = () => {
    const url = new URL(location.href);
    url.searchParams.set("format", "html");
    url.searchParams.set("filter", find.elements.filter.value);
    go(url.href);
  };

  let typing = 0;
  find.elements.filter.oninput = () => {
    clearTimeout(typing);
    typing = setTimeout(filter, 200);
  };
  find.onsubmit = (event) => {
    event.preventDefault();
    filter();
  };

  document.getElementById("apply").hidden = true;
  document.getElementById("live").hidden = false;
  if (!document.hidden)
    start();
})();
