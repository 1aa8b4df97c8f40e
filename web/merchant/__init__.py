"""The merchant's pages: behind a door that only a shop's platform opens."""
