"""A made-up year for the sandbox shop, so that every page of the merchant has something to show.

`make demo-data`. Nothing is written straight into the figures: shoppers who behave by lot leave
carts, the shop's own code plans, sends and counts, by a clock that runs through a year.
"""
