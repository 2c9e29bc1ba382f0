// Made-up figures for demo.html, in both languages. Nothing here is a real place, person or count.

const TOWNS = [
  ["金沙镇", "Jinsha", 103.62, 30.93, "A", "low"], ["青石镇", "Qingshi", 103.7, 30.95, "A", "low"], ["平安区", "Ping'an", 103.8, 30.93, "A", "low"],
  ["梅岭镇", "Meiling", 103.86, 30.915, "B", "none"], ["石桥镇", "Shiqiao", 103.92, 30.955, "B", "mid"], ["江北区", "Jiangbei", 104.01, 30.95, "B", "high"],
  ["南岗区", "Nangang", 103.94, 30.895, "B", "mid"], ["西湖镇", "Xihu", 104.02, 30.88, "B", "low"], ["临海县", "Linhai", 103.75, 30.865, "A", "none"],
  ["广济县", "Guangji", 103.83, 30.85, "B", "low"], ["龙泉县", "Longquan", 103.89, 30.845, "B", "mid"], ["双河县", "Shuanghe", 103.97, 30.815, "B", "silent"],
  ["长安区", "Chang'an", 103.61, 30.82, "A", "high"], ["大坪乡", "Daping", 103.705, 30.815, "A", "mid"], ["柳林县", "Liulin", 103.795, 30.795, "C", "none"],
  ["东山区", "Dongshan", 103.87, 30.8, "C", "high"], ["云台区", "Yuntai", 103.92, 30.75, "C", "none"], ["清源区", "Qingyuan", 104.0, 30.74, "C", "mid"],
  ["红旗镇", "Hongqi", 103.65, 30.755, "A", "none"], ["白云区", "Baiyun", 103.74, 30.73, "C", "none"], ["北川县", "Beichuan", 103.845, 30.725, "C", "extreme"],
  ["新港区", "Xingang", 103.935, 30.695, "C", "low"], ["松岭区", "Songling", 104.02, 30.69, "C", "silent"], ["河口区", "Hekou", 103.66, 30.69, "A", "none"],
];

const STATES = { zh: { none: "无", low: "低", mid: "中", high: "高", extreme: "极高", silent: "未上报" }, en: { none: "none", low: "low", mid: "mid", high: "high", extreme: "extreme", silent: "silent" } };
const VALUES = { none: 0, low: 3, mid: 9, high: 21, extreme: 48, silent: null };

const word = (lang, zh, en) => (lang === "zh" ? zh : en);

export function mapProps(lang, many) {
  const code = (i) => `5101${String(i).padStart(2, "0")}`;
  const areas = TOWNS.map(([zh, en, lon, lat, parent, state], i) => ({
    code: code(i), name: word(lang, zh, en), ...(lang === "zh" ? { sub: en } : {}), lon, lat, parent, state, value: VALUES[state],
    label: state === "silent" ? word(lang, "26 小时未上报", "no report for 26 h") : word(lang, `逾期 ${VALUES[state]} 项`, `${VALUES[state]} overdue`),
    href: `?area=${code(i)}`,
  }));
  if (many) {
    for (let i = 0; i < 260; i++) {
      const state = ["none", "none", "none", "low", "mid"][(i * 7) % 5];
      areas.push({
        code: `v${i}`, name: word(lang, `第${i}社区`, `Unit ${i}`), lon: 103.6 + ((i * 61) % 101) / 232, lat: 30.68 + ((i * 37) % 97) / 340,
        parent: (i * 61) % 101 < 40 ? "A" : (i * 37) % 97 < 48 ? "C" : "B", state, value: VALUES[state], label: `${VALUES[state]}`,
      });
    }
  }
  return {
    schematic: true,
    note: word(lang, "示意图：按中心点划分，非测绘边界", "Schematic: cells around centres, not surveyed boundaries"),
    measure: word(lang, "逾期任务", "Overdue duties"),
    areas,
    zones: [
      { id: "z1", name: word(lang, "太平里小区", "Taiping estate"), level: "high", areas: [code(20)], lon: 103.845, lat: 30.702, href: "?zone=z1" },
      { id: "z2", name: word(lang, "东山市场", "Dongshan market"), level: "medium", areas: [code(15), code(10)], lon: 103.885, lat: 30.822, href: "?zone=z2" },
      { id: "z3", name: word(lang, "临时管控：江北站", "Hold: Jiangbei station"), level: "temporary", areas: [], lon: 103.985, lat: 30.925 },
    ],
    legend: Object.entries(STATES[lang]).map(([state, label]) => ({ state, label })),
    zone_legend: [["high", "高风险区", "high-risk zone"], ["medium", "中风险区", "medium-risk zone"], ["temporary", "临时管控", "temporary hold"]].map(([level, zh, en]) => ({ level, label: word(lang, zh, en) })),
  };
}

export function curveProps(lang) {
  const days = Array.from({ length: 46 }, (_, i) => new Date(Date.UTC(2026, 9, 6 + i)).toISOString().slice(0, 10));
  const total = days.map((_, i) => Math.round(42 * Math.exp(-(((i - 31) / (i < 31 ? 12 : 9)) ** 2)) * (0.85 + ((i * 37) % 11) / 34)));
  const part = (share, i) => Math.round(total[i] * share * (0.9 + ((i * 13) % 7) / 30));
  const confirmed = days.map((_, i) => part(0.55, i));
  const probable = days.map((_, i) => part(0.25, i));
  const suspected = days.map((_, i) => Math.max(0, total[i] - confirmed[i] - probable[i]));
  const mean = days.map((_, i) => (i < 3 || i > 41 ? null : Math.round(total.slice(i - 3, i + 4).reduce((a, b) => a + b, 0) / 0.7) / 10));
  return {
    days,
    series: [
      { id: "confirmed", name: word(lang, "确诊", "confirmed"), kind: "bar", values: confirmed },
      { id: "probable", name: word(lang, "可能", "probable"), kind: "bar", values: probable },
      { id: "suspected", name: word(lang, "疑似", "suspected"), kind: "bar", values: suspected },
      { id: "mean", name: word(lang, "7日均值", "7-day mean"), kind: "line", values: mean },
    ],
    incomplete_from: days[40],
    incomplete_label: word(lang, "近期数据可能不完整", "recent days incomplete"),
    today: days[45],
    unit: word(lang, "例", "cases"),
    axis: word(lang, "发病日期", "day of onset"),
  };
}

export function clockProps(lang) {
  const step = (id, zh, en, due_h, done_h, state) => ({ id, name: word(lang, zh, en), due_h, done_h, state, href: `?step=${id}` });
  return {
    started: "2026-11-20T21:05:00+08:00", now: "2026-11-21T14:05:00+08:00", hours: 17, label: word(lang, "自预警起", "since the alert"),
    steps: [
      step("verify", "核实", "verify", 2, 1.2, "done"), step("report", "报告", "report", 2, 2.6, "late"), step("investigate", "流调", "investigate", 12, 10, "done"),
      step("sample", "采样", "sample", 14, 13.5, "done"), step("trace", "追踪", "trace", 16, null, "overdue"), step("test", "检测", "test", 18, null, "due"),
      step("dispose", "处置", "respond", 24, null, "upcoming"),
    ],
  };
}
