"""What runs inside a shop: the WordPress plugin and the Shopify theme app extension."""
