"""What every desk is made of: looking, sheets, forms, verbs, pages, exports. Knows Django, knows no disease."""
