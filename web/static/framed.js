// Inside Shopify's admin every request of ours bears a session token; App Bridge has fresh ones.
(() => {
  const { shop, host } = document.currentScript.dataset;

  // App Bridge finds out from a page's address where it is.
  function place(address) {
    for (const [name, value] of Object.entries({ embedded: "1", shop, host }))
      address.searchParams.set(name, value);
    return address;
  }

  // The token is in the address of a page only to load it.
  const clean = new URL(location.href);
  for (const name of ["id_token", "again", "told"]) clean.searchParams.delete(name);
  history.replaceState(history.state, "", clean);

  const isOurs = (address) =>
    address.origin === location.origin && address.pathname.startsWith("/shops/");

  async function go(address) {
    place(address).searchParams.set("id_token", await shopify.idToken());
    location.assign(address);
  }

  // Beside the frame nobody is known: a page that opens there opens in the admin, too.
  function inAdmin(address) {
    const app = document.querySelector('meta[name="shopify-api-key"]').content;
    return `https://${atob(host)}/apps/${app}${address.pathname}${address.search}`;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    const address = new URL(link.href, location.href);
    if (link.target) {
      if (isOurs(address)) link.href = inAdmin(address);
      return;
    }
    if (address.pathname === location.pathname && address.hash) return;
    if (!isOurs(address)) return;
    event.preventDefault();
    go(address);
  });

  function put(form, name, value) {
    let field = form.querySelector(`input[type=hidden][name="${name}"][data-frame]`);
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.dataset.frame = "";
      form.append(field);
    }
    field.value = value;
  }

  const ready = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (ready.delete(form) || event.defaultPrevented) return;
    const button = event.submitter;
    const own = button?.hasAttribute("formaction") ? button : form;
    const action = own.getAttribute(own === form ? "action" : "formaction") || location.href;
    const address = new URL(action, location.href);
    if (!isOurs(address)) return;
    event.preventDefault();
    put(form, "id_token", await shopify.idToken());
    if ((button?.getAttribute("formmethod") || form.method).toLowerCase() === "get") {
      for (const [name, value] of Object.entries({ embedded: "1", shop, host }))
        if (!form.elements.namedItem(name)) put(form, name, value);
    } else {
      own.setAttribute(own === form ? "action" : "formaction", place(address).href);
    }
    ready.add(form);
    form.requestSubmit(button);
  });

  // What a page shows in a frame of its own needs a token, too.
  async function fill(within) {
    for (const frame of within.querySelectorAll("iframe[data-src]")) {
      const address = place(new URL(frame.dataset.src, location.href));
      address.searchParams.set("id_token", await shopify.idToken());
      frame.src = address;
    }
  }
  fill(document);
  document.addEventListener("htmx:afterSwap", (event) => fill(event.detail.target));

  // htmx asks before each request, and waits for as long as we like.
  let token = "";
  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault();
    shopify.idToken().then((fresh) => {
      token = fresh;
      event.detail.issueRequest();
    });
  });
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["Authorization"] = `Bearer ${token}`;
    delete event.detail.parameters["id_token"];
  });
})();
