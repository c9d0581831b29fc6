using System.Reflection;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Contracts.Events;

/// <summary>The list of kinds, from which counters start and rules take their words.</summary>
public sealed class EventKindsTests
{
    [Fact]
    public void Every_kind_is_in_the_list_once() =>
        EventKinds.All.Should().BeEquivalentTo(typeof(EventKinds)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!));

    [Fact]
    public void The_documentation_explains_every_kind()
    {
        var document = File.ReadAllText(RepositoryRoot.Combine("docs", "events.md"));

        EventKinds.All.Where(kind => !document.Contains($"| `{kind}` |", StringComparison.Ordinal)).Should().BeEmpty();
    }
}
