"""Fifty phones join a shift at once: ``python bench/join.py --url http://127.0.0.1:8000/join/… --pin 123456``. Makes no shift itself.

Each phone opens the page, sends name and PIN, and opens what it then sees; told is how long each of these took. The shift must have
seats for all of them, and the figures mean nothing on a machine that is busy otherwise.
"""

import argparse
import re
import statistics
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar


def phone(number: int, url: str, pin: str) -> tuple[float, float, float, bool]:
    """One phone: seconds for the page, for joining, for the first page after; and whether it is on shift."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    begun = time.perf_counter()
    page = opener.open(url, timeout=120).read().decode()
    opened = time.perf_counter()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        return opened - begun, 0.0, 0.0, False
    form = {"csrfmiddlewaretoken": token[1], "name": f"合成{number}", "pin": pin, "phone": ""}
    try:
        answer = opener.open(urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Referer": url}), timeout=120)
    except urllib.error.HTTPError:
        return opened - begun, 0.0, 0.0, False
    joined = time.perf_counter()
    opener.open(answer.url, timeout=120).read()
    return opened - begun, joined - opened, time.perf_counter() - joined, answer.url.endswith("/on-shift")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--pin", required=True)
    arguments.add_argument("--phones", type=int, default=50)
    arguments.add_argument("--small", action="store_true", help="Five phones: only whether it works.")
    told = arguments.parse_args()
    many = 5 if told.small else told.phones
    begun = time.perf_counter()
    with ThreadPoolExecutor(many) as pool:
        done = list(pool.map(lambda n: phone(n, told.url, told.pin.replace(" ", "")), range(many)))
    whole = time.perf_counter() - begun
    for name, column in (("page", 0), ("join and first page", 1), ("again", 2)):
        values = sorted(row[column] for row in done)
        print(f"{name}: median {statistics.median(values):.3f} s, slowest {values[-1]:.3f} s")
    print(f"{sum(row[3] for row in done)} of {many} joined in {whole:.1f} s")


if __name__ == "__main__":
    main()
