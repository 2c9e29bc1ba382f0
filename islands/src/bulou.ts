// The entry, and nothing else: see `noPartNeedsAnEntry` in vite.config.ts for why all that it starts is elsewhere.
import "./start.ts";
