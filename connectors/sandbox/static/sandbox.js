"use strict";
// Saves the checkout while one types, and keeps the phone up to date.

const SAVE_AFTER = 500, LOOK_EVERY = 1500;
let look = () => {};

for (const form of document.querySelectorAll("[data-apply-on-change]")) {
  form.querySelector("button").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

const till = document.getElementById("checkout");
if (till) watchTill(till);
watchPhone(document.querySelector("[data-screen]"));

function watchTill(form) {
  const told = form.querySelector("[data-state]");
  const dirty = new Set();
  let timer = 0, running = Promise.resolve();

  const isBox = (name) => form.elements[name].type === "checkbox";
  const value = (name) => isBox(name) ? form.elements[name].checked : form.elements[name].value;
  const take = () => {
    clearTimeout(timer);
    const given = Object.fromEntries([...dirty].map((name) => [name, value(name)]));
    dirty.clear();
    return given;
  };
  const send = (given, last) => fetch(form.dataset.save, {
    method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify(given), keepalive: last,
  });
  const mark = (name, message) => {
    form.elements[name].toggleAttribute("aria-invalid", Boolean(message));
    document.getElementById(name + "-error").textContent = message || "";
  };

  async function save() {
    const given = take();
    if (!Object.keys(given).length) return;
    told.textContent = form.dataset.saving;
    try {
      const answer = await send(given, false);
      if (!answer.ok) throw new Error(String(answer.status));
      const {errors} = await answer.json();
      for (const name of Object.keys(given)) {
        // A number half typed is no mistake yet: it is told only once the field is left.
        const typing = document.activeElement === form.elements[name];
        if (!isBox(name) && !(typing && errors[name])) mark(name, errors[name]);
      }
      told.textContent = Object.keys(errors).length ? "" : form.dataset.saved;
      look();
    } catch {
      for (const name of Object.keys(given)) dirty.add(name);
      told.textContent = form.dataset.failed;
      timer = setTimeout(enqueue, 3000);
    }
  }
  // One save at a time, so that an older one never arrives after a newer one.
  const enqueue = () => { running = running.then(save); };

  form.addEventListener("input", (event) => {
    dirty.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(enqueue, isBox(event.target.name) ? 0 : SAVE_AFTER);
  });
  form.addEventListener("focusout", (event) => {
    if (event.target.getAttribute("name") && !isBox(event.target.name) && event.target.value !== "") dirty.add(event.target.name);
    if (dirty.size) { clearTimeout(timer); timer = setTimeout(enqueue, 0); }
  });
  form.addEventListener("submit", () => { clearTimeout(timer); dirty.clear(); });
  addEventListener("pagehide", () => { if (dirty.size) send(take(), true); });

  for (const example of form.querySelectorAll("[data-example]")) {
    const name = example.dataset.of;
    example.hidden = false;
    example.addEventListener("click", () => {
      form.elements[name].value = example.dataset.example;
      dirty.add(name);
      enqueue();
      form.elements[name === "phone" ? "sms" : "mail"].focus();
    });
  }
}

function watchPhone(screen) {
  const reply = document.getElementById("reply"), badge = document.querySelector("[data-count]");
  const title = document.title;
  let shown = "", timer = 0, visible = false, held = count(), seen = held.texts;

  function count() {
    const thread = screen.querySelector("[data-thread]");
    return {texts: Number(thread.dataset.thread), number: thread.dataset.number, replies: "replies" in thread.dataset};
  }
  function settle() {
    const thread = screen.querySelector("[data-thread]"), now = count();
    thread.scrollTop = thread.classList.contains("inbox") ? 0 : thread.scrollHeight;
    reply.hidden = !now.replies;
    if (now.number !== held.number) seen = 0;
    held = now;
    if (visible) seen = now.texts;
    const fresh = Math.max(0, now.texts - seen);
    badge.textContent = fresh;
    badge.hidden = fresh === 0;
    document.title = fresh ? `(${fresh}) ${title}` : title;
  }
  async function refresh() {
    clearTimeout(timer);
    timer = setTimeout(refresh, LOOK_EVERY);
    if (document.hidden) return;
    try {
      const answer = await fetch(screen.dataset.screen);
      if (!answer.ok) return;
      const html = await answer.text();
      if (html === shown) return;
      const focused = screen.contains(document.activeElement) ? document.activeElement.id : "";
      shown = html;
      screen.innerHTML = html;
      if (focused) document.getElementById(focused)?.focus();
      settle();
    } catch { /* away for a moment: the next look tries again */ }
  }
  screen.addEventListener("click", async (event) => {
    const app = event.target.closest("[data-app]");
    if (!app || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await fetch(app.href).catch(() => {});
    refresh();
  });
  reply.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(reply);
    reply.reset();
    await fetch(reply.action, {method: "POST", body: form}).catch(() => {});
    seen = held.texts + 1;
    refresh();
  });
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    document.querySelector(".to-phone").hidden = visible;
    if (visible) settle();
  }, {threshold: 0.6}).observe(screen);
  look = refresh;
  settle();
  refresh();
  document.addEventListener("visibilitychange", refresh);
}
