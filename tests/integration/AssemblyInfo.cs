using Parley.Testkit;
using Xunit;

// One PostgreSQL for all tests; each class takes a database of its own from it.
[assembly: AssemblyFixture(typeof(PostgresFixture))]
