//! What a PostgreSQL database contains, as a value: its kinds of object, their declaration, difference and SQL.
