// What of App Bridge the app needs: tokens for whoever asks, and the bounce page's way back.
(() => {
  const waiting = new Map();
  addEventListener("message", (event) => {
    if (event.data && event.data.id_token) waiting.get(event.data.number)?.(event.data.id_token);
  });
  const idToken = () =>
    new Promise((resolve) => {
      waiting.set(waiting.size, resolve);
      parent.postMessage({ ask: "id_token", number: waiting.size - 1 }, "*");
    });
  window.shopify = { idToken };
  const reload = new URLSearchParams(location.search).get("shopify-reload");
  if (reload) {
    idToken().then((token) => {
      const address = new URL(reload, location.href);
      address.searchParams.set("id_token", token);
      location.replace(address);
    });
  }
})();
