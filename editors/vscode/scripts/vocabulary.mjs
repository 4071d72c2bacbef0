// The words of SpecQL that the grammar knows. The server knows them by its own tables; a test compares the two.

/** Types that SpecQL 0.9.2 maps to a PostgreSQL type of their own; other names become TEXT. */
export const BASIC_TYPES = ["text", "integer", "bigint", "float", "boolean"];

/** Types with a check of their own, and the names that stand for one of them. */
export const SCALAR_TYPES = [
  "email", "phone", "phoneNumber", "url", "slug", "markdown", "html", "ipAddress", "macAddress", "money", "percentage", "date", "datetime", "time",
  "duration", "coordinates", "latitude", "longitude", "image", "file", "color", "uuid", "languageCode", "localeCode", "timezone", "currencyCode",
  "countryCode", "mimeType", "semanticVersion", "stockSymbol", "isin", "cusip", "sedol", "lei", "mic", "exchangeCode", "exchangeRate",
  "trackingNumber", "containerNumber", "licensePlate", "vin", "flightNumber", "portCode", "postalCode", "airportCode", "domainName", "apiKey",
  "hashSHA256", "iban", "swiftCode", "json",
];

/** Types of several values. */
export const COMPOSITE_TYPES = [
  "SimpleAddress", "MoneyAmount", "PersonName", "ContactInfo", "Coordinates", "TimeRange", "DateRange", "PhoneNumber", "EmailAddress", "URL",
  "Color", "Dimensions", "BusinessHours", "Contact", "Company", "GeoLocation", "CurrencyExchange",
];

/** Keys of an entity file's top level. */
export const ENTITY_KEYS = [
  "entity", "schema", "description", "organization", "fields", "actions", "agents", "patterns", "identifier", "table_views", "views",
  "translations", "hierarchical", "extends", "import", "computed_fields", "constraints", "indexes", "validation", "deduplication", "operations",
  "trinity_helpers", "graphql", "identifier_template", "tier", "notes", "_metadata",
];

/** Keys of a registry's top level. */
export const REGISTRY_KEYS = ["version", "last_updated", "schema_layers", "domains", "reserved_codes", "validation", "subdomain_inference"];

/** Names that no field may have; nor any that begin with pk_ or fk_. */
export const RESERVED_FIELD_NAMES = [
  "id", "tenant_id", "identifier", "sequence_number", "display_identifier", "path", "created_at", "created_by", "updated_at", "updated_by",
  "deleted_at", "deleted_by", "identifier_recalculated_at", "identifier_recalculated_by", "path_updated_at", "path_updated_by",
];

/** Steps whose value is a condition. */
export const CONDITION_STEPS = ["validate", "if", "while"];

/** Steps whose value begins with an entity. */
export const ENTITY_STEPS = ["insert", "update", "delete", "find", "partial_update", "duplicate_check"];

/** Steps whose value is a call. */
export const CALL_STEPS = ["call", "notify", "call_function", "call_service"];

/** Every other step, of the parser and of older versions. */
export const OTHER_STEPS = [
  "reject", "refresh_table_view", "foreach", "switch", "return", "declare", "assign", "select", "query", "cte", "aggregate", "subquery",
  "for_query", "exception_handling", "raw_sql", "refresh", "return_early",
];

/** Words of SQL in conditions, statements and queries. */
export const SQL_KEYWORDS = [
  "and", "or", "not", "in", "is", "like", "ilike", "similar", "to", "between", "exists", "any", "all", "some", "distinct", "case", "when", "then",
  "else", "end", "as", "set", "where", "select", "from", "join", "left", "right", "inner", "outer", "on", "group", "order", "by", "having",
  "limit", "offset", "union", "values", "returning", "for", "asc", "desc", "using", "with", "interval", "matches",
];
