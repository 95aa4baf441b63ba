/* One trial after another. The plain form works without this script; with it the next picture is
   ready before it is needed, answers are saved while the rater goes on, and times are measured.
   Nothing is kept in the browser: what is saved is on the server, and loading the page resumes. */
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("page").textContent);
  const byId = (id) => document.getElementById(id);
  const form = byId("trial");
  const answers = byId("answers");
  // Pages with several answers have a button that sends them all, and a row for each part.
  const PARTS = "parts";
  const NOTHING = "-"; // a part in which nothing has to be ticked, and nothing is
  const buttons = () => [...form.querySelectorAll("button[name=answer]")];
  const rows = () => [...form.querySelectorAll("[data-part]")];
  const stimulus = byId("stimulus");
  const undoForm = byId("undo");

  const SLOW_MS = 1000; // longer on the way than this is told to the server
  const TIMEOUT_MS = 15000;
  const IMAGE_TRIES = 3;

  const toShow = page.trials; // the trials left, in order
  let index = 0;
  let current = null; // the trial on the screen and what happened to it
  let last = page.last; // the one answer that can be taken back
  const now = () => performance.now();

  // --- Saving: one request after the other, each tried until it is through ------------------
  const queue = [];
  let busy = false;

  function send(url, fields, done) {
    queue.push({ url, fields, done, since: now() });
    if (!busy) drain();
  }

  async function drain() {
    busy = true;
    for (let tries = 0; queue.length; ) {
      const item = queue[0];
      const outcome = await attempt(item);
      if (outcome.ok) {
        queue.shift();
        tries = 0;
        say("");
        if (item.done) item.done(now() - item.since);
      } else if (outcome.again) {
        tries += 1;
        say(queue.length > 1 ? `${queue.length} answers not saved yet. Trying again …` : "Not saved yet. Trying again …");
        await new Promise((go) => setTimeout(go, Math.min(8000, 400 * 2 ** tries)));
      } else {
        stop(outcome.message, outcome.kind);
        return; // stays busy: nothing more is sent
      }
    }
    busy = false;
    // Only now: the page that follows must find the last answer stored.
    if (!page.preview && index >= toShow.length) leave();
  }

  async function attempt(item) {
    if (page.preview) return { ok: true };
    const body = new URLSearchParams({ token: page.token, via: "script", ...item.fields() });
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), TIMEOUT_MS);
    try {
      const answer = await fetch(item.url, { method: "POST", body, credentials: "omit", signal: cut.signal, keepalive: true });
      if (answer.ok) return { ok: true };
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { again: true };
      const told = await answer.json().catch(() => ({}));
      return { kind: told.kind, message: told.message || "The server did not take this answer." };
    } catch {
      return { again: true };
    } finally {
      clearTimeout(timer);
    }
  }

  function say(text) {
    if (byId("status").textContent !== text) byId("status").textContent = text;
  }

  function stop(message, kind) {
    arm(false);
    current = null;
    byId("reason").textContent = kind === "elsewhere"
      ? "You have answered this picture in another window. Go on with the next one."
      : message;
    byId("stopped").hidden = false;
    byId("way-out").focus();
  }

  function leave() {
    window.location.replace(page.workUrl);
  }

  // --- Pictures -----------------------------------------------------------------------------
  const pictures = new Map();

  function picture(trial) {
    if (!pictures.has(trial.image)) pictures.set(trial.image, load(trial, 1));
    return pictures.get(trial.image);
  }

  async function load(trial, tries) {
    const image = new Image();
    image.dataset.quorum = "stimulus";
    image.alt = "The picture the question is about";
    image.width = trial.width;
    image.height = trial.height;
    image.src = tries > 1 && !trial.image.startsWith("data:") ? `${trial.image}?again=${tries}` : trial.image;
    try {
      await image.decode();
    } catch {
      if (!(image.complete && image.naturalWidth > 0)) {
        if (tries >= IMAGE_TRIES) throw new Error("image");
        await new Promise((go) => setTimeout(go, 500 * tries));
        return load(trial, tries + 1);
      }
    }
    return image;
  }

  // What fails ahead of its turn is tried again when it is needed.
  function fetchAhead(trial) {
    picture(trial).catch(() => pictures.delete(trial.image));
    for (const address of trial.pictures) new Image().src = address;
  }

  // The pictures among the answers, which are part of what is asked about.
  async function decoded(image, tries = 1) {
    try {
      await image.decode();
    } catch {
      if (image.complete && image.naturalWidth > 0) return;
      if (tries >= IMAGE_TRIES) throw new Error("image");
      await new Promise((go) => setTimeout(go, 500 * tries));
      image.src = `${image.src.split("?")[0]}?again=${tries + 1}`;
      await decoded(image, tries + 1);
    }
  }

  const painted = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));

  // --- Showing a trial ----------------------------------------------------------------------
  function show(trial, { tell, carried = [] }) {
    const mine = {
      trial,
      events: carried,
      armed: false,
      touched: false,
      paintedAt: null,
      hiddenMs: 0,
      hiddenSince: document.hidden ? now() : null,
      heldUpMs: 0, // how late the server learnt that it is shown
    };
    current = mine;
    arm(false);
    byId("failure").hidden = true;
    byId("question").innerHTML = trial.question; // escaped by the server, as on the first page
    if (trial.answers && answers.dataset.trial !== String(trial.trial)) answers.innerHTML = trial.answers;
    answers.dataset.trial = trial.trial;
    mark();
    arm(false);
    byId("count").textContent = `${trial.number} of ${page.total}`;
    byId("progress").value = trial.number - 1;
    document.title = `${trial.number} of ${page.total}`;
    form.elements.trial.value = trial.trial;
    form.elements.sequence.value = trial.sequence;
    undoForm.hidden = !last;
    note("shown");
    if (tell) {
      const events = JSON.stringify(take(mine));
      send(page.eventsUrl, () => ({ events }), told(mine));
    }
    putUp(mine);
    for (const ahead of toShow.slice(index + 1, index + 3)) fetchAhead(ahead);
  }

  // The request that says so may have waited for the network; the vote then tells how long.
  const told = (mine) => (ms) => {
    if (mine) mine.heldUpMs = ms > SLOW_MS ? ms : 0;
  };

  async function putUp(mine) {
    // A picture that is ready replaces the old one within this frame; else the box waits, empty.
    const isUp = stimulus.dataset.trial === String(mine.trial.trial);
    stimulus.classList.toggle("waiting", !isUp);
    let image;
    try {
      image = await picture(mine.trial);
      await Promise.all([...answers.querySelectorAll("img")].map((each) => decoded(each)));
    } catch {
      if (mine === current) failed();
      return;
    }
    if (mine !== current) return;
    stimulus.replaceChildren(image);
    stimulus.dataset.trial = mine.trial.trial;
    stimulus.classList.remove("waiting");
    await painted();
    if (mine !== current) return;
    mine.paintedAt = now();
    mine.hiddenMs = 0;
    if (mine.hiddenSince !== null) mine.hiddenSince = mine.paintedAt;
    note("loaded");
    arm(true);
    const asked = byId("question").innerText.split(/\s*\n\s*/).join(", ");
    byId("spoken").textContent = `${mine.trial.number} of ${page.total}. ${asked}`;
  }

  function arm(on) {
    for (const button of buttons()) {
      const waits = button.value === PARTS && open() !== undefined;
      button.setAttribute("aria-disabled", String(!on || waits));
    }
    if (current) current.armed = on;
  }

  // --- Pages with several answers -----------------------------------------------------------
  const optional = (each) => each.dataset.optional !== undefined;
  const open = () => rows().find((each) => !optional(each) && !each.querySelector(":checked"));

  // The row that the next key answers: the one in focus, else the first without an answer, else
  // the one in which nothing has to be ticked.
  function row() {
    return rows().find((each) => each.contains(document.activeElement)) || following();
  }

  const following = () => open() || rows().find(optional);

  function mark() {
    const next = following();
    for (const each of rows()) each.classList.toggle("next", each === next);
  }

  function choose(input) {
    if (!current || !current.armed) return;
    input.checked = input.type === "checkbox" ? !input.checked : true;
    if (document.activeElement && document.activeElement.matches("[data-part] input")) document.activeElement.blur();
    chosen();
    const next = following();
    if (next) next.scrollIntoView({ block: "nearest" });
  }

  function chosen() {
    mark();
    if (current) arm(current.armed);
  }

  function whole() {
    const parts = rows().sort((a, b) => a.dataset.part - b.dataset.part);
    if (open()) return null;
    const ticked = (each) => [...each.querySelectorAll(":checked")].map((input) => input.value).join("");
    return parts.map((each) => ticked(each) || NOTHING).join(" ");
  }

  function failed() {
    stimulus.replaceChildren();
    byId("failure").hidden = false;
    byId("retry").focus();
  }

  byId("retry").addEventListener("click", () => {
    if (!current) return;
    pictures.delete(current.trial.image);
    byId("failure").hidden = true;
    putUp(current);
  });

  byId("skip").addEventListener("click", () => {
    if (!current) return;
    note("image_failed");
    const events = take(current);
    send(page.eventsUrl, () => ({ events: JSON.stringify(events) }));
    next({ tell: true });
  });

  // --- Answering ----------------------------------------------------------------------------
  function note(kind, trial) {
    if (current) current.events.push([kind, (trial || current.trial).trial, Math.round(now() * 10) / 10]);
  }

  const take = (mine) => mine.events.splice(0);

  function answer(value) {
    const mine = current;
    if (!mine || !mine.armed) return;
    const button = buttons().find((each) => each.value === value);
    const given = value === PARTS ? whole() : value;
    if (!button || given === null) return;
    arm(false);
    note("answered");
    const at = now();
    const hidden = mine.hiddenMs + (mine.hiddenSince === null ? 0 : at - mine.hiddenSince);
    const active = Math.max(0, at - mine.paintedAt - hidden);
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 160);
    const { trial } = mine;
    const { sequence } = trial;
    const events = take(mine);
    trial.sequence += 1;
    last = trial;
    next({ tell: false });
    // The next trial is on the screen now, so that this request tells the server both.
    if (current) events.push(...take(current));
    send(page.answerUrl, () => ({
      trial: trial.trial,
      sequence,
      answer: given,
      events: JSON.stringify(events),
      active_ms: active.toFixed(1),
      held_up_ms: mine.heldUpMs.toFixed(1),
    }), told(current));
  }

  function next({ tell }) {
    index += 1;
    if (index < toShow.length) {
      show(toShow[index], { tell });
    } else {
      current = null;
      byId("progress").value = page.total;
      if (page.preview) stop("This was the preview. Nothing was stored.", "preview");
    }
  }

  function undo() {
    if (!last || !current) return;
    note("undone", last);
    const carried = take(current);
    toShow.splice(index, 0, last);
    last = null;
    show(toShow[index], { tell: true, carried });
  }

  function beacon(events) {
    if (page.preview || !events.length) return;
    const body = new URLSearchParams({ token: page.token, via: "script", events: JSON.stringify(events) });
    navigator.sendBeacon(page.eventsUrl, body);
  }

  // --- Input --------------------------------------------------------------------------------
  function touch() {
    if (current && !current.touched && current.paintedAt !== null) {
      current.touched = true;
      note("first_input");
    }
  }

  function keyed(key) {
    const button = buttons().find((each) => each.dataset.key === key);
    if (button) return () => answer(button.value);
    const part = row();
    const input = part && [...part.querySelectorAll("input")].find((each) => each.dataset.key === key);
    return input ? () => choose(input) : null;
  }

  form.addEventListener("change", (event) => {
    if (event.target.closest("[data-part]")) chosen();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    touch();
    if (event.submitter && event.submitter.getAttribute("aria-disabled") !== "true") answer(event.submitter.value);
  });
  undoForm.addEventListener("submit", (event) => {
    event.preventDefault();
    undo();
  });
  let pointed = false; // whether the last thing used was a pointer
  document.addEventListener("pointerdown", () => {
    pointed = true;
    touch();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    // A button that was clicked keeps the focus, and a space must not press it again.
    if (pointed && key.length === 1 && document.activeElement) document.activeElement.blur();
    pointed = false;
    const focused = document.activeElement;
    const onControl = focused && focused.matches("button:focus-visible, a:focus-visible, input:focus-visible");
    if (key === " " && onControl) return; // presses the button that is focused
    if (key === "enter" && focused && focused.matches("button, a")) return;
    const does = { u: () => undo(), backspace: () => undo() }[key] || keyed(key);
    if (!does || !byId("failure").hidden) return;
    event.preventDefault();
    touch();
    does();
  });
  document.addEventListener("visibilitychange", () => {
    if (!current) return;
    if (document.hidden) {
      note("hidden");
      current.hiddenSince = now();
      beacon(take(current)); // this may have been the last moment of the page
    } else {
      note("visible");
      if (current.hiddenSince !== null && current.paintedAt !== null) current.hiddenMs += now() - current.hiddenSince;
      current.hiddenSince = null;
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.length && !page.preview) event.preventDefault();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leave(); // brought back from the browser's memory, not from the server
  });

  form.noValidate = true; // what is missing is shown by the rows themselves
  answers.dataset.trial = toShow[0].trial;
  for (const inert of answers.querySelectorAll(".inert")) inert.disabled = false;
  if (page.preview) for (const button of buttons()) button.disabled = false;
  window.focus(); // else the keys would go to the page around the frame
  show(toShow[0], { tell: true });
})();
