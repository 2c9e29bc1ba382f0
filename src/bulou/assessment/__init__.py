"""What the numbers say: arrays in, arrays out, each method with its paper. Reads and writes no files. Pure."""
