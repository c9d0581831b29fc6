using FluentAssertions;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>Comparison of many ids in whatever order; that of FluentAssertions takes the square of their number.</summary>
internal static class IdAssertions
{
    internal static void ShouldBeExactly(this IEnumerable<string> found, IEnumerable<string> expected, string because = "") =>
        found.Order(StringComparer.Ordinal).Should().Equal(expected.Order(StringComparer.Ordinal), because);
}
