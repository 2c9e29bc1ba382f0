"""The site's settings for tests: a home of its own for the program, made before anything reads where home is."""

import os
import tempfile

from tests.run import shared

os.environ["BULOU_HOME"] = tempfile.mkdtemp(prefix="home-", dir=shared())

from bulou.web.settings import *  # noqa: F403

#: Slow on purpose where people are, and nothing but slow here: some tests show a PIN thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
