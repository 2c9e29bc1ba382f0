"""Those who play: each senses the world, reads its own list of duties through the interface, and sends what it does. None enters a fact beside it."""
