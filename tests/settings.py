"""The site's settings for tests: a home of its own for the program, made before anything reads where home is."""

import os
import tempfile

os.environ["BULOU_HOME"] = tempfile.mkdtemp(prefix="bulou-test-")

from bulou.web.settings import *  # noqa: F403
