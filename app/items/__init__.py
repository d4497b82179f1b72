"""Item bank: versions, import and export, objective marking."""
