"""Every environment variable that Bulou reads: its meaning, its default, who may set it. Reads none itself but through ``said``."""

import os
from typing import NamedTuple

from bulou.basis.words import Word


class Option(NamedTuple):
    """One variable. ``secret``: never printed, never in a backup. ``made_by``: what sets it, where that is not the centre."""

    name: str
    default: str
    meaning: Word
    secret: bool = False
    made_by: str = ""


OPTIONS: dict[str, Option] = {
    o.name: o
    for o in (
        Option("BULOU_HOME", "", Word(
            "本中心的文件夹:数据库、密钥、附件、方案。未设则为系统存放程序数据之处",
            "The centre's folder: database, secret key, attachments, editions of its own. Unset: the platform's place for programs' data")),
        Option("DATABASE_URL", "", Word(
            "PostgreSQL 的地址 postgres://用户:口令@主机:端口/库;未设则用 BULOU_HOME 中的 SQLite",
            "PostgreSQL as postgres://user:password@host:port/database; unset: SQLite in BULOU_HOME"), secret=True),
        Option("BULOU_ZONE", "Asia/Shanghai", Word(
            "中心的时区:日期、24:00 的时限按它计算;设立后不要更改",
            "The centre's time zone, by which days and deadlines at 24:00 are reckoned; not to be changed once founded")),
        Option("BULOU_HOSTS", "127.0.0.1,localhost,[::1]", Word(
            "本站应答的主机名,逗号分隔", "Names of hosts that the site answers to, with commas between")),
        Option("BULOU_ORIGINS", "", Word(
            "表单可信来源,如 https://bulou.centre.example,逗号分隔;仅当代理改写主机名时需要",
            "Origins whose forms are trusted, as https://bulou.centre.example, with commas between; needed only where a proxy rewrites the host")),
        Option("BULOU_HTTPS", "0", Word(
            "1:外面是 HTTPS,Cookie 只经 HTTPS 发送,并发 HSTS", "1: the outside is HTTPS: cookies only over HTTPS, and HSTS is sent")),
        Option("BULOU_HSTS_DAYS", "30", Word(
            "BULOU_HTTPS=1 时浏览器记住只用 HTTPS 的天数;0 为不发送",
            "With BULOU_HTTPS=1: for how many days browsers keep to HTTPS; 0 sends nothing")),
        Option("BULOU_PROXIES", "127.0.0.1", Word(
            "相信其 X-Forwarded-* 的代理地址,逗号分隔", "Addresses of proxies whose X-Forwarded-* headers are believed, with commas between")),
        Option("BULOU_DISK_MB", "500", Word(
            "磁盘剩余少于此兆字节时 /ready 报未就绪", "Below so many megabytes of free disk /ready says that it is not ready")),
        Option("BULOU_PASS_HOURS", "12", Word(
            "通行凭证最长有效小时数(1 至 24):离线核验看不到其后的变化,所以要短",
            "For how many hours a signed pass is good at most (1 to 24): whoever checks it without a network sees nothing that came later")),
        Option("BULOU_DEBUG", "0", Word(
            "1:出错时显示程序与数据;中心绝不可用", "1: errors show code and data; never at a centre")),
        Option("BULOU_DEMO", "", Word("演练所用的情景", "The scenario that a demo plays"), made_by="bulou demo"),
        Option("BULOU_DEMO_TOKEN", "", Word("演练的登录链接", "The link that signs in to a demo"), secret=True, made_by="bulou demo"),
        Option("BULOU_DEMO_PEOPLE", "100000", Word(
            "演练名册的人数,至少 1000", "How many people are on a demo's register, at least 1000"), made_by="whoever tries a smaller demo"),
    )
}  # fmt: skip


def said(name: str) -> str:
    """What a variable says, or its default; KeyError for one that is not declared here."""
    return os.environ.get(name) or OPTIONS[name].default


def several(name: str) -> list[str]:
    """The parts of a variable that are parted by commas."""
    return [part.strip() for part in said(name).split(",") if part.strip()]


def open_settings() -> dict[str, str]:
    """What a centre has set, but for secrets."""
    return {o.name: v for o in OPTIONS.values() if not o.secret and not o.made_by and (v := os.environ.get(o.name))}
