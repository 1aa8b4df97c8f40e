"""Every GraphQL document that is sent; a test checks each against Shopify's schema.

One query may cost 1,000 points: an object counts 1 and a list as many as it is asked
for, so a checkout with ten lines counts about 95, and ten of them fit.
"""

from __future__ import annotations

PAGE = 10
LINES = 10
PAGE_COST = 1000.0  # until an answer has told the true one

_MONEY = "{ presentmentMoney { amount currencyCode } }"

_PLACE = "{ firstName lastName phone countryCodeV2 provinceCode }"

_CUSTOMER = """{
  id firstName lastName locale numberOfOrders
  defaultEmailAddress { emailAddress marketingState marketingUpdatedAt }
  defaultPhoneNumber { phoneNumber marketingState marketingUpdatedAt }
}"""

_CHECKOUT_LINE = f"""{{
  title variantTitle quantity sku
  originalUnitPriceSet {_MONEY}
  discountedTotalPriceWithCodeDiscount {_MONEY}
  image {{ url }} product {{ id onlineStoreUrl }} variant {{ id }}
}}"""

_ORDER_LINE = f"""{{
  title variantTitle quantity sku
  originalUnitPriceSet {_MONEY}
  discountedTotalSet(withCodeDiscounts: true) {_MONEY}
  product {{ id }} variant {{ id }}
}}"""

CHECKOUTS = f"""query Checkouts($first: Int!, $lines: Int!, $after: String, $query: String!) {{
  abandonedCheckouts(first: $first, after: $after, query: $query, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id name abandonedCheckoutUrl createdAt updatedAt completedAt discountCodes
      customer {_CUSTOMER}
      billingAddress {_PLACE}
      shippingAddress {_PLACE}
      totalPriceSet {_MONEY}
      subtotalPriceSet {_MONEY}
      totalDiscountSet {_MONEY}
      totalTaxSet {_MONEY}
      lineItems(first: $lines) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {_CHECKOUT_LINE}
      }}
    }}
  }}
}}"""


def orders_document(version: str) -> str:
    """The order poll. `checkoutToken` and `cartToken` exist from 2026-07 on."""
    tokens = "checkoutToken cartToken" if version >= "2026-07" else ""
    return f"""query Orders($first: Int!, $lines: Int!, $after: String, $query: String!) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id name email phone createdAt updatedAt cancelledAt sourceName customerLocale
      displayFinancialStatus discountCodes {tokens}
      customer {_CUSTOMER}
      billingAddress {_PLACE}
      shippingAddress {_PLACE}
      totalPriceSet {_MONEY}
      subtotalPriceSet {_MONEY}
      totalDiscountsSet {_MONEY}
      totalTaxSet {_MONEY}
      totalRefundedSet {_MONEY}
      lineItems(first: $lines) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {_ORDER_LINE}
      }}
    }}
  }}
}}"""


ORDERS_COUNT = """query OrdersCount($query: String!) {
  ordersCount(query: $query, limit: null) { count }
}"""

CHECKOUTS_COUNT = """query CheckoutsCount($query: String!) {
  abandonedCheckoutsCount(query: $query, limit: null) { count }
}"""

MORE_CHECKOUT_LINES = f"""query MoreCheckoutLines($query: String!, $after: String) {{
  abandonedCheckouts(first: 1, query: $query) {{
    nodes {{
      lineItems(first: 50, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {_CHECKOUT_LINE}
      }}
    }}
  }}
}}"""

MORE_ORDER_LINES = f"""query MoreOrderLines($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: 50, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {_ORDER_LINE}
    }}
  }}
}}"""

PRODUCTS_PAGE = 8  # each with up to a hundred variants, as many as a webhook tells

PRODUCTS = f"""query Products($query: String!) {{
  products(first: {PRODUCTS_PAGE}, query: $query) {{
    nodes {{
      id title handle status publishedAt updatedAt productType
      featuredMedia {{ preview {{ image {{ url }} }} }}
      variants(first: 100) {{ nodes {{ id title price availableForSale }} }}
    }}
  }}
}}"""

SHOP = """query Shop {
  shop {
    name currencyCode ianaTimezone
    shopAddress { countryCodeV2 }
    domains { host }
  }
  currentAppInstallation { accessScopes { handle } }
}"""

SUBSCRIPTIONS = """query Subscriptions($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id topic uri }
  }
}"""

SUBSCRIBE = """mutation Subscribe(
  $topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!
) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}"""

MOVE_SUBSCRIPTION = """mutation MoveSubscription(
  $id: ID!, $subscription: WebhookSubscriptionInput!
) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) {
    webhookSubscription { id }
    userErrors { field message }
  }
}"""

UNSUBSCRIBE = """mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId
    userErrors { field message }
  }
}"""

REDUCE = """mutation Reduce($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { field code }
  }
}"""

SHIP_FREE = """mutation ShipFree($discount: DiscountCodeFreeShippingInput!) {
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { field code }
  }
}"""

_TERMS = """
  status endsAt usageLimit appliesOncePerCustomer
  minimumRequirement {
    ... on DiscountMinimumSubtotal {
      greaterThanOrEqualToSubtotal { amount currencyCode }
    }
  }
"""

_WHOM = """
  context {
    __typename
    ... on DiscountBuyerSelectionAll { all }
    ... on DiscountCustomers { customers { id } }
  }
"""

MOST_PRODUCTS = 100  # that one code may name; one more is asked for, to see that there is none

COUPON = f"""query Coupon($code: String!, $products: Int!) {{
  codeDiscountNodeByCode(code: $code) {{
    id
    codeDiscount {{
      __typename
      ... on DiscountCodeBasic {{
        {_TERMS} {_WHOM}
        customerGets {{
          value {{
            __typename
            ... on DiscountPercentage {{ percentage }}
            ... on DiscountAmount {{ amount {{ amount currencyCode }} appliesOnEachItem }}
          }}
          items {{
            __typename
            ... on DiscountProducts {{
              products(first: $products) {{ nodes {{ id }} }}
              productVariants(first: 1) {{ nodes {{ id }} }}
            }}
          }}
        }}
      }}
      ... on DiscountCodeFreeShipping {{ {_TERMS} {_WHOM} }}
    }}
  }}
}}"""

_STANDING = "status usageLimit asyncUsageCount codesCount { count }"

CODE = f"""query Code($code: String!) {{
  codeDiscountNodeByCode(code: $code) {{
    codeDiscount {{
      ... on DiscountCodeApp {{ {_STANDING} }}
      ... on DiscountCodeBasic {{ {_STANDING} }}
      ... on DiscountCodeBxgy {{ {_STANDING} }}
      ... on DiscountCodeFreeShipping {{ {_STANDING} }}
    }}
  }}
}}"""

DROP_COUPON = """mutation DropCoupon($id: ID!) {
  discountCodeDeactivate(id: $id) { codeDiscountNode { id } userErrors { field code } }
}"""

DELETE_COUPON = """mutation DeleteCoupon($id: ID!) {
  discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { field code } }
}"""

CUSTOMER_BY_EMAIL = """query CustomerByEmail($email: String!) {
  customerByIdentifier(identifier: { emailAddress: $email }) { id }
}"""

STOP_TEXTS = """mutation StopTexts($input: CustomerSmsMarketingConsentUpdateInput!) {
  customerSmsMarketingConsentUpdate(input: $input) {
    userErrors { field code }
  }
}"""

TELL_OF_E_MAILS = """mutation TellOfEmails($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) {
    userErrors { field code }
  }
}"""
