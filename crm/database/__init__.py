"""How rows are read and written: connections and transactions, statements, projections, migrations."""
