// Stands for Tabler's own TypeScript when types are checked (see tsconfig.json): imported for its effect, nothing is used from it.
export {};
