// Where the stages of a run stand in a drawing: layers by the longest way from the beginning, few crossings, straight chains.
// Pure numbers, so that a thousand stages take some milliseconds.

const sweeps = 6;

/**
 * Places stages, which come in an order in which each stands after all it waits for.
 *
 * `along` is the distance between layers, `across` the room of a stage within its layer. Answers for each stage its `along` and `across`
 * coordinates, and for each edge the points that it passes; an edge that other edges imply is marked so.
 */
export function layout(stages, { along, across }) {
  const index = new Map(stages.map((stage, number) => [stage.name, number]));
  const before = stages.map((stage) => stage.after.map((name) => index.get(name)).filter((number) => number !== undefined));
  const layers = layered(before);
  const edges = impliedMarked(before);
  const chart = routed(layers, edges);
  order(chart);
  place(chart, across);
  const least = Math.min(0, ...chart.across);
  const nodes = stages.map((stage, number) => ({ name: stage.name, along: layers[number] * along, across: chart.across[number] - least }));
  return {
    nodes,
    edges: edges.map(({ from, to, isImplied, via }) => ({
      from, to, isImplied,
      points: [from, ...via, to].map((point) => [chart.layer[point] * along, chart.across[point] - least]),
    })),
    length: (Math.max(-1, ...layers) + 1) * along,
    breadth: Math.max(0, ...chart.across.map((value) => value - least)) + across,
    widest: Math.max(0, ...chart.rows.map((row) => row.filter((point) => point < stages.length).length)),
  };
}

function layered(before) {
  const layers = [];
  before.forEach((others, number) => { layers[number] = others.reduce((most, other) => Math.max(most, layers[other] + 1), 0); });
  // What waits for nothing stands just before who waits for it, not far away at the beginning.
  const next = layers.map(() => Infinity);
  before.forEach((others, number) => others.forEach((other) => { next[other] = Math.min(next[other], layers[number]); }));
  before.forEach((others, number) => { if (!others.length && next[number] < Infinity) layers[number] = next[number] - 1; });
  return layers;
}

/** All edges; one whose beginning is reached through another stage that the end waits for says nothing new. */
function impliedMarked(before) {
  const words = Math.ceil(before.length / 32);
  const reached = before.map(() => new Uint32Array(words));
  const edges = [];
  before.forEach((others, number) => {
    const beyond = new Uint32Array(words);
    for (const other of others) for (let word = 0; word < words; word += 1) beyond[word] |= reached[other][word];
    for (const other of others) {
      edges.push({ from: other, to: number, isImplied: ((beyond[other >> 5] >>> (other & 31)) & 1) === 1, via: [] });
    }
    reached[number].set(beyond);
    for (const other of others) reached[number][other >> 5] |= 1 << (other & 31);
  });
  return edges;
}

/** Gives each edge that passes over layers a point in each of them, so that it is led around the stages there. */
function routed(layers, edges) {
  const layer = [...layers];
  const up = layers.map(() => []);
  const down = layers.map(() => []);
  const join = (from, to) => { down[from].push(to); up[to].push(from); };
  for (const edge of edges) {
    if (edge.isImplied) continue;
    let last = edge.from;
    for (let step = layers[edge.from] + 1; step < layers[edge.to]; step += 1) {
      const point = layer.push(step) - 1;
      up.push([]);
      down.push([]);
      edge.via.push(point);
      join(last, point);
      last = point;
    }
    join(last, edge.to);
  }
  const rows = [];
  layer.forEach((row, point) => { (rows[row] ??= []).push(point); });
  for (let row = 0; row < rows.length; row += 1) rows[row] ??= [];
  return { layer, rows, up, down, stages: layers.length, across: [] };
}

/** Sorts each layer by where its neighbours stand, downwards and upwards in turn. */
function order(chart) {
  const rank = new Float64Array(chart.layer.length);
  const remember = (row) => row.forEach((point, place) => { rank[point] = place; });
  chart.rows.forEach(remember);
  const sort = (row, neighbours) => {
    const wish = new Map(row.map((point) => [point, mean(neighbours[point], rank) ?? rank[point]]));
    row.sort((one, other) => wish.get(one) - wish.get(other) || rank[one] - rank[other]);
    remember(row);
  };
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const row of chart.rows.slice(1)) sort(row, chart.up);
    for (const row of chart.rows.slice(0, -1).reverse()) sort(row, chart.down);
  }
}

/** Moves each point of a layer as near to the middle of its neighbours as the order and the room of the others allow. */
function place(chart, across) {
  const at = chart.across;
  for (const row of chart.rows) row.forEach((point, place) => { at[point] = place * across; });
  const settle = (row, neighbours) => {
    const offsets = [];
    row.forEach((point, place) => {
      const room = place && (point < chart.stages && row[place - 1] < chart.stages ? across : across / 2);
      offsets.push(place ? offsets[place - 1] + room : 0);
    });
    const settled = ascending(row.map((point, place) => (mean(neighbours[point], at) ?? at[point]) - offsets[place]));
    row.forEach((point, place) => { at[point] = settled[place] + offsets[place]; });
  };
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const row of chart.rows) settle(row, chart.up);
    for (const row of [...chart.rows].reverse()) settle(row, chart.down);
  }
}

/** The ascending numbers that are nearest to these: neighbours in the wrong order share their mean. */
function ascending(wishes) {
  const blocks = [];
  for (const wish of wishes) {
    let block = { sum: wish, count: 1 };
    while (blocks.length && blocks.at(-1).sum / blocks.at(-1).count > block.sum / block.count) {
      const last = blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => Array(count).fill(sum / count));
}

function mean(points, values) {
  if (!points.length) return null;
  let sum = 0;
  for (const point of points) sum += values[point];
  return sum / points.length;
}
