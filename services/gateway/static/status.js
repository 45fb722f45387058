// Shows which services the gateway reaches; asks again every ten seconds.
const names = {
  identity: '账号与登录',
  registry: '单位与平台',
  pairing: '结对共建',
  cycle: '季度填报',
  triage: '成果与需求对接',
  consortium: '创新联合体',
};
const list = document.getElementById('services');
const asOf = document.getElementById('as-of');

function row(text, state, className) {
  const item = document.createElement('li');
  const name = document.createElement('span');
  name.textContent = text;
  const value = document.createElement('span');
  value.textContent = state;
  value.className = className;
  item.append(name, value);
  return item;
}

async function refresh() {
  try {
    const answer = await fetch('/v1/status', { cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    const { services } = await answer.json();
    list.replaceChildren(
      ...services.map((s) =>
        row(names[s.name] ?? s.name, s.ready ? '正常' : '无法连接', s.ready ? 'ready' : 'down'),
      ),
    );
    asOf.textContent = `截至 ${new Date().toLocaleTimeString('zh-CN')}`;
  } catch {
    list.replaceChildren(row('网关', '暂时无法查询', 'down'));
  }
}

refresh();
setInterval(refresh, 10000);
