// A run's stages as a drawing that can be moved, made larger, and walked through with the keyboard.

import { duration, h, svg } from './dom.js';
import { layout } from './graph.js';
import { stageSymbol } from './states.js';

const height = 40;
/** Where the letters of a stage begin, and what is left free behind them. */
const [indent, rest] = [36, 12];
/** More stages than this beside each other need the whole width of the page, and are drawn from left to right. */
const slim = 3;
const margin = 16;
const limits = { least: 0.02, most: 3 };

/** Draws `stages`; `open` is told the name of a stage that somebody chose. */
export function graphView(stages, open) {
  const measure = ruler();
  const longest = stages.reduce((most, { name }) => Math.max(most, measure(name)), 0);
  const width = Math.min(208, Math.max(120, Math.ceil(indent + longest + rest)));
  const isDown = layout(stages, { along: 1, across: 1 }).widest <= slim;
  const chart = isDown ? layout(stages, { along: height + 34, across: width + 24 }) : layout(stages, { along: width + 44, across: height + 14 });
  const spot = (along, across) => (isDown ? [across, along] : [along, across]);
  const size = isDown ? [chart.breadth - 24, chart.length - 34] : [chart.length - 44, chart.breadth - 14];

  const nodes = new Map();
  for (const { name, along, across } of chart.nodes) nodes.set(name, node(name, fitting(name, width - indent - rest, measure), spot(along, across), width, open));
  const edges = chart.edges.map((edge) => ({ ...edge, element: svg('path', {
    class: edge.isImplied ? 'edge implied' : 'edge', d: path(edge.points, isDown, width),
  }) }));
  const neighbours = links(chart.edges, chart.nodes);

  const scene = svg('g', {}, svg('g', { 'aria-hidden': 'true' }, edges.filter(({ isImplied }) => isImplied).map(({ element }) => element),
    edges.filter(({ isImplied }) => !isImplied).map(({ element }) => element)), [...nodes.values()].map(({ element }) => element));
  const canvas = svg('svg', { class: 'canvas', role: 'group', 'aria-label': `Graph of ${stages.length} stages` }, scene);
  const camera = movable(canvas, scene, size);
  const zoom = (text, name, act) => {
    const button = h('button', { type: 'button', class: 'tool', 'aria-label': name, title: name }, text);
    button.addEventListener('click', act);
    return button;
  };
  const element = h('div', { class: isDown ? 'graph slim' : 'graph' }, canvas);
  const tools = h('div', { class: 'tools', role: 'group', 'aria-label': 'Size of the graph' },
    zoom('−', 'Smaller', () => camera.zoom(1 / 1.3)), zoom('+', 'Larger', () => camera.zoom(1.3)), zoom('⤢', 'Whole graph', camera.fit));
  element.style.setProperty('--graph-height', `${size[1] + 2 * margin}px`);
  if (!isDown) element.style.aspectRatio = `${size[0]} / ${size[1] * 1.15}`;

  const touching = new Map(chart.nodes.map(({ name }) => [name, []]));
  for (const { from, to, element: edge } of edges) for (const end of [from, to]) touching.get(chart.nodes[end].name).push(edge);
  const light = (name, isLit) => { for (const edge of touching.get(name) ?? []) edge.classList.toggle('lit', isLit); };
  const named = (target) => target.closest?.('.node')?.dataset.name;
  let reached = null;
  canvas.addEventListener('focusin', ({ target }) => {
    const name = named(target);
    if (!name) return;
    nodes.get(reached)?.element.setAttribute('tabindex', '-1');
    target.setAttribute('tabindex', '0');
    reached = name;
    light(name, true);
    camera.show(nodes.get(name).box);
  });
  canvas.addEventListener('focusout', ({ target }) => light(named(target), false));
  canvas.addEventListener('pointerover', ({ target }) => light(named(target), true));
  canvas.addEventListener('pointerout', ({ target }) => light(named(target), false));
  canvas.addEventListener('keydown', (event) => {
    const name = event.target.dataset?.name;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') camera.zoom(1.3);
    else if (event.key === '-') camera.zoom(1 / 1.3);
    else if (event.key === '0') camera.fit();
    else if (name && (event.key === 'Enter' || event.key === ' ')) open(name);
    else if (name && event.key.startsWith('Arrow')) walk(name, event.key.slice(5));
    else return;
    event.preventDefault();
  });

  /** Along the edges one way, to who stands beside it the other way. */
  function walk(name, key) {
    const turned = isDown ? key : { Left: 'Up', Right: 'Down', Up: 'Left', Down: 'Right' }[key];
    const next = neighbours.get(name)[turned];
    if (next) nodes.get(next).element.focus({ preventScroll: true });
  }

  function update(run) {
    for (const stage of run.stages) nodes.get(stage.name)?.update(stage);
    const way = new Map(run.criticalPath.map((name, place) => [name, place]));
    for (const { from, to, element: edge } of edges) {
      const [start, end] = [way.get(chart.nodes[from].name), way.get(chart.nodes[to].name)];
      edge.classList.toggle('critical', start !== undefined && end === start + 1);
    }
    for (const [name, { element: drawn }] of nodes) drawn.classList.toggle('critical', way.size > 1 && way.has(name));
    if (!reached) {
      const busy = run.stages.find(({ state }) => ['failed', 'indeterminate', 'running', 'waiting'].includes(state)) ?? run.stages[0];
      reached = busy?.name;
      nodes.get(reached)?.element.setAttribute('tabindex', '0');
    }
  }
  return { element, tools, update, isSlim: isDown };
}

/** How wide a text is as the name of a stage. */
function ruler() {
  const pen = document.createElement('canvas').getContext('2d');
  // As `.node .name` has it.
  pen.font = `550 12px ${getComputedStyle(document.body).fontFamily}`;
  return (text) => pen.measureText(text).width;
}

/** As much of a name as has room. */
function fitting(name, room, measure) {
  if (measure(name) <= room) return name;
  let count = Math.floor((name.length * room) / measure(name));
  while (count > 1 && measure(`${name.slice(0, count)}…`) > room) count -= 1;
  return `${name.slice(0, count)}…`;
}

function node(name, shown, [x, y], width, open) {
  const sign = svg('text', { class: 'sign', x: 19, y: height / 2 + 4.5, 'text-anchor': 'middle' });
  const detail = svg('text', { class: 'detail', x: indent, y: 31 });
  const element = svg('g', { class: 'node', role: 'link', tabindex: '-1', transform: `translate(${x} ${y})`, 'data-name': name, 'data-key': `node-${name}` },
    svg('rect', { class: 'frame', width, height, rx: 8 }), svg('rect', { class: 'mark', x: 10, y: height / 2 - 9, width: 18, height: 18, rx: 5 }),
    sign, svg('text', { class: 'name', x: indent, y: 17 }, shown), detail, shown !== name && svg('title', {}, name));
  element.addEventListener('click', () => open(name));
  let known = null;
  return {
    element, box: { x, y, width, height },
    update(stage) {
      const time = stage.started && stage.ended ? duration(stage.ended - stage.started) : '';
      const text = [stage.state, time, stage.attempts].join(' ');
      if (text === known) return;
      known = text;
      element.setAttribute('class', `node is-${stage.state}${stage.isWanted ? '' : ' unwanted'}`);
      element.setAttribute('aria-label', [name, stage.state.replaceAll('-', ' '), time,
        stage.after.length > 0 && `after ${stage.after.slice(0, 5).join(', ')}${stage.after.length > 5 ? ` and ${stage.after.length - 5} more` : ''}`]
        .filter(Boolean).join(', '));
      sign.textContent = stageSymbol(stage.state);
      detail.textContent = time || stage.state.replaceAll('-', ' ');
    },
  };
}

/** A smooth line from the end of one stage through the gaps between others to the beginning of the next. */
function path(points, isDown, width) {
  const out = (along, across, end) => (isDown ? [across + width / 2, along + (end ? height : 0)] : [along + (end ? width : 0), across + height / 2]);
  const stops = points.map(([along, across], place) => ({
    from: out(along, across, true), to: out(along, across, place === 0),
  }));
  let text = `M${stops[0].from.map(round).join(' ')}`;
  for (let place = 1; place < stops.length; place += 1) {
    const [start, end] = [stops[place - 1].from, stops[place].to];
    const middle = isDown ? (start[1] + end[1]) / 2 : (start[0] + end[0]) / 2;
    const bends = isDown ? [[start[0], middle], [end[0], middle]] : [[middle, start[1]], [middle, end[1]]];
    text += `C${[...bends, end].map((point) => point.map(round).join(' ')).join(' ')}`;
    if (place < stops.length - 1) text += `L${stops[place].from.map(round).join(' ')}`;
  }
  return text;
}

const round = (value) => Math.round(value * 10) / 10;

/** For each stage, who is met from it by each arrow, as if the graph ran downwards. */
function links(edges, nodes) {
  const found = new Map(nodes.map(({ name }) => [name, {}]));
  const layers = new Map();
  for (const node of nodes) {
    if (!layers.has(node.along)) layers.set(node.along, []);
    layers.get(node.along).push(node);
  }
  for (const layer of layers.values()) {
    layer.sort((one, other) => one.across - other.across).forEach(({ name }, place) => {
      found.get(name).Left = layer[place - 1]?.name;
      found.get(name).Right = layer[place + 1]?.name;
    });
  }
  for (const { from, to, isImplied } of edges) {
    if (isImplied) continue;
    found.get(nodes[from].name).Down ??= nodes[to].name;
    found.get(nodes[to].name).Up ??= nodes[from].name;
  }
  return found;
}

/** Moves `scene` of the given size inside `canvas`: by drag, wheel, pinch and what is called from outside. */
function movable(canvas, scene, [width, height_]) {
  let view = { scale: 1, x: 0, y: 0 };
  let isMoved = false;
  const pointers = new Map();

  function apply(next) {
    view = { ...next, scale: Math.min(limits.most, Math.max(limits.least, next.scale)) };
    scene.setAttribute('transform', `translate(${round(view.x)} ${round(view.y)}) scale(${Math.round(view.scale * 1000) / 1000})`);
    canvas.classList.toggle('far', view.scale < 0.45);
  }

  function fit() {
    const { clientWidth: w, clientHeight: h } = canvas.parentElement ?? {};
    if (!w || !h) return;
    const scale = Math.min(1, (w - 2 * margin) / width, (h - 2 * margin) / height_);
    isMoved = false;
    apply({ scale, x: (w - width * scale) / 2, y: (h - height_ * scale) / 2 });
  }

  function zoom(factor, [x, y] = [canvas.clientWidth / 2, canvas.clientHeight / 2]) {
    const scale = Math.min(limits.most, Math.max(limits.least, view.scale * factor));
    isMoved = true;
    apply({ scale, x: x - (x - view.x) * (scale / view.scale), y: y - (y - view.y) * (scale / view.scale) });
  }

  /** Brings a stage into sight, large enough to be read. */
  function show({ x, y, width: w, height: h }) {
    if (view.scale < 0.6 && canvas.matches(':focus-within') && canvas.querySelector(':focus-visible')) {
      isMoved = true;
      apply({ scale: 0.8, x: canvas.clientWidth / 2 - (x + w / 2) * 0.8, y: canvas.clientHeight / 2 - (y + h / 2) * 0.8 });
    }
    const [left, top] = [x * view.scale + view.x, y * view.scale + view.y];
    const [right, bottom] = [left + w * view.scale, top + h * view.scale];
    const dx = left < margin ? margin - left : Math.min(0, canvas.clientWidth - margin - right);
    const dy = top < margin ? margin - top : Math.min(0, canvas.clientHeight - margin - bottom);
    if (dx || dy) apply({ ...view, x: view.x + dx, y: view.y + dy });
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  // Without Ctrl, and with nothing in it chosen, the wheel moves the page, as everywhere else on it.
  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !canvas.contains(document.activeElement)) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), place(event));
  }, { passive: false });
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button === 0) pointers.set(event.pointerId, { at: place(event), began: place(event) });
  });
  canvas.addEventListener('pointermove', (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const now = place(event);
    if (pointers.size === 1) {
      // A click may tremble; only beyond that is it a drag, and then no click at its end.
      if (!canvas.hasPointerCapture(event.pointerId)) {
        if (Math.hypot(now[0] - pointer.began[0], now[1] - pointer.began[1]) < 5) return;
        canvas.setPointerCapture(event.pointerId);
      }
      isMoved = true;
      apply({ ...view, x: view.x + now[0] - pointer.at[0], y: view.y + now[1] - pointer.at[1] });
    } else {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1].at;
      const before = Math.hypot(pointer.at[0] - other[0], pointer.at[1] - other[1]);
      const after = Math.hypot(now[0] - other[0], now[1] - other[1]);
      if (before > 0) zoom(after / before, other);
    }
    pointer.at = now;
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) {
    canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  new ResizeObserver(() => { if (!isMoved) fit(); }).observe(canvas);
  return { fit, zoom, show };
}
