"""Tables that tests hand in with `record_property(TABLE, text)`, printed below the results whether they pass or not."""

TABLE = "table"
