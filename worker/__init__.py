"""What happens without anybody asking: the clock, and the jobs it hands out."""
