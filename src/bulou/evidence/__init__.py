"""Facts and entries, appended and never changed, and the projections of things they speak of."""
