"""Expert pools, committees, draws that anyone entitled can recompute, recusal, scoring and meetings."""
