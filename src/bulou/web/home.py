"""Where a centre keeps what is its own: database, secret key, attachments, lake. Never in the checkout."""

import os
import secrets
from pathlib import Path

from platformdirs import user_data_path


def home() -> Path:
    """The folder of this centre: ``BULOU_HOME``, or the platform's place for data of programs. Made when missing."""
    path = Path(os.environ.get("BULOU_HOME") or user_data_path("bulou", appauthor=False))
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def secret_key(folder: Path) -> str:
    """The key that signs sessions: made at first start, readable by its owner alone."""
    path = folder / "secret.key"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()
