// What is wrong with the page for somebody who sees little, or nothing, and axe-core does not tell: contrast in drawings too (WCAG 2.2 AA), parts without
// a name, ids that are there twice or nowhere, width. Answers with sentences.
() => {
  const found = [];
  const parse = (colour) => {
    const [r, g, b, a = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return colour.startsWith('color(srgb') ? { rgb: [r * 255, g * 255, b * 255], a } : { rgb: [r, g, b], a };
  };
  const over = (top, bottom) => top.rgb.map((value, place) => value * top.a + bottom[place] * (1 - top.a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      if (at instanceof SVGElement && at.matches('.node')) layers.push(parse(getComputedStyle(at.querySelector(element.matches('.sign') ? '.mark' : '.frame')).fill));
      const ground = parse(getComputedStyle(at).backgroundColor);
      if (ground.a > 0) layers.push(ground);
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true }) && !element.closest('.unseen, .skip');
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || !isSeen(element) || element.closest('noscript, title, option, :disabled')) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const colour = parse(element instanceof SVGElement ? style.fill : style.color);
    const ground = behind(element);
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const is = contrast(over(colour, ground), ground);
    if (is < wanted) found.push(`contrast ${is.toFixed(2)} of '${element.textContent.trim().slice(0, 40)}' (${element.className.baseVal ?? element.className})`);
  }
  for (const element of document.querySelectorAll('nav, section, [role=group], [role=region]')) {
    if (isSeen(element) && !element.ariaLabel && !element.hasAttribute('aria-labelledby')) found.push(`no name: ${element.tagName}`);
  }
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(' ')) if (!document.getElementById(id)) found.push(`${attribute} leads nowhere: ${id}`);
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) found.push(`id twice: ${id}`);
  if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} h1`);
  if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth - innerWidth} px wider than the window`);
  return found;
}
