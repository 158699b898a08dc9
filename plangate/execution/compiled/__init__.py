"""Operations compiled: one validated operation becomes one Python function that writes the answer's JSON.

What is not compiled, and whatever goes wrong in a compiled function, graphql-core answers (`plans.InterpretedPlan`).
"""
