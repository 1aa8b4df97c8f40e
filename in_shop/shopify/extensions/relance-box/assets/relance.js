/* The box of Relance. It acts when somebody opens, fills or sends it, and at no other time.
   What is sent: the phone with its country, the words beside each tick, which cart (by its
   token), which product. Nothing leaves before the button is pressed. */
(() => {
  'use strict';
  if (window.relanceBox) return; // both blocks may be on one page
  window.relanceBox = true;

  const DOOR = '/apps/relance/contact';
  const NOT_A_NUMBER = /[^0-9+().\/\s\u00a0\u2011\u202f-]/;

  const box = (target) => target instanceof Element && target.closest('form[data-relance]');

  const say = (form, words) => {
    form.querySelector('[data-relance-said]').textContent = words || '';
  };

  /* A number is used once: the shop's signature over the request is then good once, too. */
  const number = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, '0')
    ).join('');

  /* The token of a cart with something in it. An empty one has none that lasts, and none is
     made here. What follows "?" opens the buyer's details: it stays in the browser. */
  const cartToken = async () => {
    const root = (window.Shopify && Shopify.routes && Shopify.routes.root) || '/';
    try {
      const answer = await fetch(root + 'cart.js', { headers: { Accept: 'application/json' } });
      const cart = await answer.json();
      return cart.item_count > 0 ? String(cart.token || '').split('?')[0] : '';
    } catch (error) {
      return '';
    }
  };

  /* The choice that the theme's own form shows now: themes change it without a new page. */
  const variant = (form) => {
    const near = form.closest('section, .shopify-section') || document;
    const chosen =
      near.querySelector('form[action*="/cart/add"] [name="id"]') ||
      document.querySelector('form[action*="/cart/add"] [name="id"]');
    const asked = new URLSearchParams(location.search).get('variant');
    return (chosen && chosen.value) || asked || form.dataset.variant || '';
  };

  const letter = async (form) => {
    const given = new FormData(form);
    const body = new URLSearchParams();
    given.forEach((value, name) => name !== 'watch' && body.append(name, value));
    body.append('locale', form.dataset.locale || '');
    const watched = given.get('watch');
    if (watched && form.dataset.product) {
      const id = variant(form);
      const soldOut = (form.dataset.soldOut || '').split(' ').includes(id);
      if (soldOut) body.append('asks[back_in_stock]', watched);
      body.append('asks[price_drop]', watched);
      body.append('product', form.dataset.product);
      body.append('variant', id);
    }
    body.append('cart', await cartToken());
    return body;
  };

  const isComplete = (phone) => {
    const digits = phone.value.replace(/\D/g, '').length;
    return digits > 5 && digits < 16 && !NOT_A_NUMBER.test(phone.value);
  };

  const mark = (form, phone, isGood) => {
    phone.setAttribute('aria-invalid', isGood ? 'false' : 'true');
    say(form, isGood ? '' : form.dataset.phoneWords);
  };

  const send = async (form) => {
    const phone = form.elements.phone;
    if (!form.querySelector('input[type="checkbox"]:checked')) return say(form, form.dataset.tickWords);
    if (!isComplete(phone)) {
      mark(form, phone, false);
      return phone.focus();
    }
    const button = form.querySelector('[type="submit"]');
    button.disabled = true;
    say(form, form.dataset.waitWords);
    try {
      const answer = await fetch(DOOR + '?n=' + number(), {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body: await letter(form),
      });
      const told = await answer.json();
      if (told.ok) form.reset();
      say(form, told.words);
    } catch (error) {
      say(form, form.dataset.laterWords);
    }
    button.disabled = false;
  };

  /* Listening on the document: themes draw parts of a page anew, and those boxes work, too. */
  document.addEventListener('submit', (event) => {
    const form = box(event.target);
    if (!form) return;
    event.preventDefault();
    send(form);
  });

  document.addEventListener('input', (event) => {
    const form = box(event.target);
    if (form && event.target.name === 'phone') mark(form, event.target, !NOT_A_NUMBER.test(event.target.value));
  });

  document.addEventListener('change', (event) => {
    const form = box(event.target);
    if (form && event.target.name === 'phone' && event.target.value) mark(form, event.target, isComplete(event.target));
  });

  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest('[data-relance-open]');
    const closer = event.target.closest('[data-relance-close]');
    if (opener) document.getElementById(opener.dataset.relanceOpen).showModal();
    if (closer) closer.closest('dialog').close();
  });
})();
