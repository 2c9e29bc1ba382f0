"""The lake: columnar files beside the ledger, for what is too much for it and must be gone again. Knows no Django, decides nothing."""
