"""The door for uvicorn."""

import gc
import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulou.web.settings")
# The pages' own few files are read at once, as WhiteNoise gives them; a file of rows leaves piece by piece (``kit.files.Leaving``, tested).
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
application = get_asgi_application()
# What was loaded until here lives as long as the process: the collector need not walk it again in the middle of every large page, which took half of their time.
gc.collect()
gc.freeze()
