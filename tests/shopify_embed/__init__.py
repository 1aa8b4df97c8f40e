"""The box in a Shopify theme, in a real browser."""
