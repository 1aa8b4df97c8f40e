"""A browser, two small checkouts and a shop that writes down what the script sends."""
