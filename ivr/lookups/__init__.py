"""What answers the lookups of a desk: HTTP, SQL, files, functions of other packages."""
