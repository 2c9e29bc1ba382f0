"""``python -m bulou.cli``: how one process of a centre starts another."""

from bulou.cli import main

if __name__ == "__main__":
    main()
