"""What we know and what we decide: no Flask, no RQ, no HTTP."""
