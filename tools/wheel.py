"""Checks that a wheel carries what git does not: built pages, official areas, translations. ``python tools/wheel.py FILE``."""

import sys
import zipfile

WANTED = (
    "bulou/web/static/bulou/bulou.css",
    "bulou/web/static/bulou/bulou.js",
    "bulou/register/data/areas-cn.txt.xz",
    "bulou/locale/zh_Hans/LC_MESSAGES/django.mo",
    "bulou/scenarios/pidu_2020_12/published.toml",
    "bulou/protocol/editions/covid19/cn-7.toml",
)


def missing(path: str) -> list[str]:
    """What of ``WANTED`` a wheel does not hold, or holds empty."""
    with zipfile.ZipFile(path) as wheel:
        sizes = {i.filename: i.file_size for i in wheel.infolist()}
    return [name for name in WANTED if not sizes.get(name)]


def main(path: str) -> int:
    gone = missing(path)
    for name in gone:
        print(f"{path} lacks {name}")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
