// One box over both searches: what registry and pairing have, and the libraries of triage. Each is
// asked for itself and answers within what the caller may see, in its own order (decision 0012); one
// that is away leaves the other alone.
const sources = {
  discovery: '/v1/search',
  libraries: '/v1/libraries:search',
};
// Facet → the field of the request that narrows by it, and what people call it.
const facets = {
  type: ['types', '资源类型'],
  kind: ['kinds', '类型'],
  industry: ['industries', '产业'],
  zone: ['zones', '功能区或镇街'],
  district: ['districts', '区（市）'],
  level: ['levels', '级别'],
  stage: ['stages', '成果阶段'],
};
const pageSize = 20;
const shownValues = 12;

const input = document.getElementById('query');
// Of each source: the chosen values by facet, and which of its askings is the latest.
const chosen = { discovery: new Map(), libraries: new Map() };
const asked = { discovery: 0, libraries: 0 };

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

// Marks count code points, not units of UTF-16.
function marked(tag, text, marks) {
  const made = document.createElement(tag);
  const points = Array.from(text);
  let at = 0;
  for (const { begin = 0, end } of marks ?? []) {
    made.append(points.slice(at, begin).join(''), element('mark', points.slice(begin, end).join('')));
    at = end;
  }
  made.append(points.slice(at).join(''));
  return made;
}

function address(source, token) {
  const wanted = new URLSearchParams({ query: input.value.trim(), pageSize: String(pageSize) });
  for (const [facet, values] of chosen[source]) {
    for (const value of values) wanted.append(facets[facet][0], value);
  }
  if (token) wanted.set('pageToken', token);
  return `${sources[source]}?${wanted}`;
}

function toggle(source, facet, value) {
  const values = chosen[source].get(facet) ?? new Set();
  if (!values.delete(value)) values.add(value);
  chosen[source].set(facet, values);
  ask(source);
}

function facetList(source, answer) {
  const list = document.createElement('dl');
  for (const { facet, values = [] } of answer.facets ?? []) {
    if (!(facet in facets) || values.length === 0) continue;
    const row = document.createElement('dd');
    const picked = chosen[source].get(facet) ?? new Set();
    // Whatever narrows the list now can be given up, however rare it is.
    const shown = values.filter((one, i) => i < shownValues || picked.has(one.value));
    for (const { value, label, count = 0 } of shown) {
      const button = element('button', `${label || value}（${count}）`);
      button.type = 'button';
      button.setAttribute('aria-pressed', String(picked.has(value)));
      button.addEventListener('click', () => toggle(source, facet, value));
      row.append(button);
    }
    list.append(element('dt', facets[facet][1]), row);
  }
  return list;
}

function hitRow(hit) {
  const row = document.createElement('li');
  const link = marked('a', hit.title ?? hit.resource, hit.titleMarks);
  link.href = `/v1/${hit.resource}`;
  row.append(link, element('span', hit.typeLabel ?? hit.type, 'kind'));
  for (const { label, text, marks } of hit.excerpts ?? []) {
    const line = marked('p', text, marks);
    line.prepend(`${label}：`);
    row.append(line);
  }
  return row;
}

function addHits(source, number, list, more, answer) {
  list.append(...(answer.hits ?? []).map(hitRow));
  more.hidden = !answer.nextPageToken;
  more.onclick = async () => {
    more.disabled = true;
    try {
      const next = await fetchAnswer(source, answer.nextPageToken);
      if (number === asked[source]) addHits(source, number, list, more, next);
    } catch (problem) {
      more.before(element('p', problem.message, 'problem'));
    }
    more.disabled = false;
  };
}

async function fetchAnswer(source, token) {
  let answer;
  try {
    answer = await fetch(address(source, token), { cache: 'no-store' });
  } catch {
    throw new Error('网络不通，请稍后再试。');
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (answer.status === 503) throw new Error('暂时无法检索这一部分，请稍后再试。');
  throw new Error(body.error?.message ?? body.message ?? `检索失败（${answer.status}）。`);
}

async function ask(source) {
  const number = ++asked[source];
  const section = document.getElementById(source);
  const title = section.querySelector('h2');
  let answer;
  try {
    answer = await fetchAnswer(source);
  } catch (problem) {
    // An answer that a later question has overtaken is not shown.
    if (number === asked[source]) section.replaceChildren(title, element('p', problem.message, 'problem'));
    return;
  }
  if (number !== asked[source]) return;
  const count = answer.totalSize ?? 0;
  const said = answer.partial
    ? `没有同时含全部检索词的内容；含部分检索词的 ${count} 条：`
    : `共 ${count} 条`;
  const list = document.createElement('ol');
  const more = element('button', '更多');
  more.type = 'button';
  section.replaceChildren(title, element('p', said), facetList(source, answer), list, more);
  addHits(source, number, list, more, answer);
}

function askAll() {
  for (const source of Object.keys(sources)) {
    chosen[source].clear();
    ask(source);
  }
}

document.getElementById('form').addEventListener('submit', (event) => {
  event.preventDefault();
  history.replaceState(null, '', `?${new URLSearchParams({ q: input.value.trim() })}`);
  askAll();
});
input.value = new URLSearchParams(location.search).get('q') ?? '';
askAll();
