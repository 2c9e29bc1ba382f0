"""Who is who: documents with their checksums, names in any script, phones, and which records are one person. Pure."""
